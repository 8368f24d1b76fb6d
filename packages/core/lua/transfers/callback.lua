-- Stores the new state of a callback, unless it has changed since it was read.
-- ARGV.field: its field in the record. before: its text as it was read. text: its new one
-- ARGV.nextAt: when it is due, ms ('' = it has ended). keepMs: how long to keep the list after the latest change
-- ARGV.audit: JSON list of the fields of its entry, '' = none
-- Returns 'noted' | 'stale'. Nothing else of the transfer changes.
if redis.call('HGET', KEYS.record, ARGV.field) ~= ARGV.before then return 'stale' end
-- The first write: what cannot be written down is refused.
if ARGV.audit ~= '' then redis.call('XADD', KEYS.audit, '*', unpack(cjson.decode(ARGV.audit))) end
redis.call('HSET', KEYS.record, ARGV.field, ARGV.text)
if ARGV.nextAt == '' then
  redis.call('ZREM', KEYS.callbacks, ARGV.id)
else
  redis.call('ZADD', KEYS.callbacks, ARGV.nextAt, ARGV.id)
  redis.call('PEXPIRE', KEYS.callbacks, ARGV.keepMs)
end
return 'noted'
