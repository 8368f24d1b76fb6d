-- Makes a bill, once per id, and matches it with our transfer, if any (docs/billing.md).
-- KEYS.discrepancy to unknownTransfer are used only with ARGV.transferId.
-- ARGV.version: of the trail as read ('' = the bill is made from our record, not from an event). bill: JSON.
--   at: time of its event (ms). transferId: '' = not our transfer. reportField: day and code for the report.
--   keepMs: how long to keep the bill. keepsHistory: '1' = the history writes it down (history/written.lua).
-- Returns 'billed' | 'already' (a bill with this id exists) | 'changed' (the trail has changed; nothing was done)
-- An event for a bill made from our record is noted and matched, but not billed again.
local fromEvent = ARGV.version ~= ''
if fromEvent and (redis.call('HGET', KEYS.trail, 'version') or '') ~= ARGV.version then return 'changed' end
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local before = redis.call('HMGET', KEYS.bill, 'bill', 'event')
local isMatched = fromEvent and ARGV.transferId ~= '' and before[2] ~= '1'
local isTransferred = isMatched and redis.call('HGET', KEYS.record, 'status') == 'transferred'
local isDiscrepant = isTransferred and redis.call('HGET', KEYS.discrepancy, 'healedAt') == ''

if fromEvent then
  redis.call('HSET', KEYS.trail, 'billed:' .. ARGV.eventKey, ARGV.id)
  redis.call('HINCRBY', KEYS.trail, 'version', 1)
end
if not before[1] then
  redis.call('HSET', KEYS.bill, 'bill', ARGV.bill, 'billedAt', now)
  redis.call('PEXPIRE', KEYS.bill, ARGV.keepMs)
  if ARGV.keepsHistory == '1' then redis.call('ZADD', KEYS.history, now, ARGV.id) end
  redis.call('ZADD', KEYS.bills, ARGV.at, ARGV.id)
  redis.call('ZADD', KEYS.undispatched, now, ARGV.id)
  redis.call('HINCRBY', KEYS.billingReport, ARGV.reportField, 1)
  if not fromEvent then redis.call('HINCRBY', KEYS.billingReport, 'synthesized', 1) end
end
if isMatched then
  redis.call('HSET', KEYS.bill, 'event', '1')
  redis.call('ZREM', KEYS.expected, ARGV.transferId)
  if isTransferred then
    redis.call('HINCRBY', KEYS.billingReport, 'matched', 1)
    if isDiscrepant then redis.call('HSET', KEYS.discrepancy, 'healedAt', now) end
    for _, open in ipairs({ KEYS.missingEvent, KEYS.differentTarget, KEYS.unknownTransfer }) do
      redis.call('ZREM', open, ARGV.transferId)
    end
  else
    redis.call('ZADD', KEYS.early, now, ARGV.transferId)
  end
end
return before[1] and 'already' or 'billed'
