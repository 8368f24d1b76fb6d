-- Records a discrepancy between our records and the events (docs/billing.md).
-- KEYS.side: where the transfer waits (expected or early). KEYS.open: the open discrepancies of this name. ARGV.discrepancy: JSON.
-- Returns 'named' | 'gone' (matched, or recorded by another process, in the meantime; nothing was done)
if not redis.call('ZSCORE', KEYS.side, ARGV.id) then return 'gone' end
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
redis.call('ZREM', KEYS.side, ARGV.id)
redis.call('HSET', KEYS.discrepancy, 'discrepancy', ARGV.discrepancy, 'namedAt', now, 'healedAt', '')
redis.call('PEXPIRE', KEYS.discrepancy, ARGV.retentionMs)
redis.call('ZADD', KEYS.discrepancies, now, ARGV.id)
redis.call('ZADD', KEYS.open, now, ARGV.id)
return 'named'
