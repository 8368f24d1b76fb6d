-- Begins a session with a credential that was found right, unless its address or name must wait after failures.
-- ARGV.fields: JSON list of the session's fields. forMs: its length. audit: JSON list of fields
-- Returns {'waits', ms} | {'signed-in', expiresAt}
local waits = math.max(redis.call('PTTL', KEYS.addressWait), redis.call('PTTL', KEYS.nameWait))
if waits > 0 then return { 'waits', waits } end
local time = redis.call('TIME')
local expiresAt = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(ARGV.forMs))
-- The first write: what cannot be written down is refused.
redis.call('XADD', KEYS.audit, '*', unpack(cjson.decode(ARGV.audit)))
redis.call('HSET', KEYS.session, 'expiresAt', expiresAt, unpack(cjson.decode(ARGV.fields)))
redis.call('PEXPIRE', KEYS.session, ARGV.forMs)
redis.call('DEL', KEYS.nameFailures)
return { 'signed-in', expiresAt }
