-- Makes a bill, once per id, and matches it with the transfer of ours that it is for (docs/billing.md).
-- KEYS  1 trail  2 bill  3 bills  4 undispatched  5 report  6 expected  7 early  8 discrepancy  9 transfer's record
--       10 open missing-event  11 open different-target  12 open unknown-transfer   (8 to 12 only for a transfer of ours)
-- ARGV  1 version of the trail that was looked at ('' = from the journal, not from an event)  2 key of the event
--       3 id of the bill  4 bill (JSON)  5 time of its event (ms)  6 id of our transfer ('' = somebody else's)
--       7 day and code for the report  8 retention (ms)
-- Gives 'billed' | 'already' (there is a bill of this id) | 'changed' (the trail has grown; nothing was done)
-- An event that comes for a bill made from the journal is noted, and matched, and bills nothing again.
local fromEvent = ARGV[1] ~= ''
if fromEvent and (redis.call('HGET', KEYS[1], 'version') or '') ~= ARGV[1] then return 'changed' end
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local before = redis.call('HMGET', KEYS[2], 'bill', 'event')
local isMatched = fromEvent and ARGV[6] ~= '' and before[2] ~= '1'
local isTransferred = isMatched and redis.call('HGET', KEYS[9], 'status') == 'transferred'
local isDiscrepant = isTransferred and redis.call('HGET', KEYS[8], 'healedAt') == ''

if fromEvent then
  redis.call('HSET', KEYS[1], 'billed:' .. ARGV[2], ARGV[3])
  redis.call('HINCRBY', KEYS[1], 'version', 1)
end
if not before[1] then
  redis.call('HSET', KEYS[2], 'bill', ARGV[4], 'billedAt', now)
  redis.call('PEXPIRE', KEYS[2], ARGV[8])
  redis.call('ZADD', KEYS[3], ARGV[5], ARGV[3])
  redis.call('ZADD', KEYS[4], now, ARGV[3])
  redis.call('HINCRBY', KEYS[5], ARGV[7], 1)
  if not fromEvent then redis.call('HINCRBY', KEYS[5], 'synthesized', 1) end
end
if isMatched then
  redis.call('HSET', KEYS[2], 'event', '1')
  redis.call('ZREM', KEYS[6], ARGV[6])
  if isTransferred then
    redis.call('HINCRBY', KEYS[5], 'matched', 1)
    if isDiscrepant then redis.call('HSET', KEYS[8], 'healedAt', now) end
    for index = 10, 12 do redis.call('ZREM', KEYS[index], ARGV[6]) end
  else
    redis.call('ZADD', KEYS[7], now, ARGV[6])
  end
end
return before[1] and 'already' or 'billed'
