-- Gives a disagreement between journal and events its name (docs/billing.md).
-- KEYS  1 where the transfer waits (expected or early)  2 discrepancy  3 discrepancies  4 open ones of this name
-- ARGV  1 id of the transfer  2 discrepancy (JSON)  3 retention (ms)
-- Gives 'named' | 'gone' (matched, or named by another, meanwhile; nothing was done)
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 'gone' end
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HSET', KEYS[2], 'discrepancy', ARGV[2], 'namedAt', now, 'healedAt', '')
redis.call('PEXPIRE', KEYS[2], ARGV[3])
redis.call('ZADD', KEYS[3], now, ARGV[1])
redis.call('ZADD', KEYS[4], now, ARGV[1])
return 'named'
