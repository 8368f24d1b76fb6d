-- Stores an action over many dead letters. The entries: their ids, in the order in which they come.
-- ARGV.fields: JSON list of the record's fields. keepMs: how long an action that has ended is kept
-- ARGV.audit: JSON list of the fields of its entry
local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
local now = string.format('%.0f', nowMs)
-- The first write: what cannot be written down is refused.
redis.call('XADD', KEYS.audit, '*', unpack(cjson.decode(ARGV.audit)))
redis.call('HSET', KEYS.action, 'startedAt', now, unpack(cjson.decode(ARGV.fields)))
redis.call('ZADD', KEYS.actions, now, ARGV.id)
redis.call('ZREMRANGEBYSCORE', KEYS.actions, '-inf', string.format('(%.0f', nowMs - tonumber(ARGV.keepMs)))
if #ARGV < FIRST.entries then
  redis.call('HSET', KEYS.action, 'status', 'done', 'endedAt', now)
  redis.call('PEXPIRE', KEYS.action, ARGV.keepMs)
  return
end
for from = FIRST.entries, #ARGV, 1000 do
  redis.call('RPUSH', KEYS.left, unpack(ARGV, from, math.min(from + 999, #ARGV)))
end
redis.call('HSET', KEYS.action, 'status', 'running', 'endedAt', 0)
redis.call('ZADD', KEYS.running, now, ARGV.id)
