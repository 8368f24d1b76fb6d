-- Ends an action that runs; what a worker is doing with one dead letter still ends.
-- ARGV.keepMs, audit: as in start.lua
local status = redis.call('HGET', KEYS.action, 'status')
if status ~= 'running' then return end
local time = redis.call('TIME')
-- The first write: what cannot be written down is refused.
redis.call('XADD', KEYS.audit, '*', unpack(cjson.decode(ARGV.audit)))
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
redis.call('HSET', KEYS.action, 'status', 'stopped', 'endedAt', now, 'waits', '')
redis.call('PEXPIRE', KEYS.action, ARGV.keepMs)
redis.call('ZREM', KEYS.running, ARGV.id)
redis.call('DEL', KEYS.left)
