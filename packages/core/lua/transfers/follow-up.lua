-- Stores the result of one try of a follow-up, unless it has ended or another try was stored since `triesBefore`.
-- ARGV.field: its field in the record. text: its new state (JSON). lookAt: when the sweep checks its job, ms ('' = ended)
-- Returns 'noted' | 'stale'. Outcome, status, timeline and counters of the transfer do not change.
local stands = redis.call('HGET', KEYS.record, ARGV.field)
local known = stands and cjson.decode(stands)
if not known or known.state ~= 'waiting' or known.tries ~= tonumber(ARGV.triesBefore) then return 'stale' end
redis.call('HSET', KEYS.record, ARGV.field, ARGV.text)
if ARGV.lookAt == '' then redis.call('ZREM', KEYS.followUps, ARGV.id) else redis.call('ZADD', KEYS.followUps, ARGV.lookAt, ARGV.id) end
return 'noted'
