-- Stores what came of one try of a follow-up, unless it has ended meanwhile or another try was stored since `triesBefore`.
-- ARGV.field: of the record, in which it stands. text: as it is now (JSON). lookAt: when the sweep looks for its job, ms; '' = it
--   has ended. Gives 'noted' | 'stale'. The outcome, the status, the timeline and the counters of the transfer stay as they are.
local stands = redis.call('HGET', KEYS.record, ARGV.field)
local known = stands and cjson.decode(stands)
if not known or known.state ~= 'waiting' or known.tries ~= tonumber(ARGV.triesBefore) then return 'stale' end
redis.call('HSET', KEYS.record, ARGV.field, ARGV.text)
if ARGV.lookAt == '' then redis.call('ZREM', KEYS.followUps, ARGV.id) else redis.call('ZADD', KEYS.followUps, ARGV.lookAt, ARGV.id) end
return 'noted'
