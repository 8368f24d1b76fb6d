-- Takes one request from the budget, unless everybody holds off. Asked before each request to Genesys but the token's.
-- KEYS  1 hold-off  2 sent  3 running  4 the platform's own limit
-- ARGV  1 configured limit ('0' = none)  2 window (ms)  3 'read' | 'effect'  4 an id for this request
-- Gives {} where it may be sent, else {until, 'rate limited' | 'budget used up'}.
-- A read leaves one request for the effect of every run under way.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local heldUntil = tonumber(redis.call('HGET', KEYS[1], 'until')) or 0
if heldUntil > now then return { string.format('%.0f', heldUntil), 'rate limited' } end
local keys = { sent = KEYS[2], running = KEYS[3], allowed = KEYS[4] }
local budget = budgetAt(now, keys, ARGV[1], ARGV[2])
if not budget.limit then return {} end
local left = budget.limit - budget.used - (ARGV[3] == 'read' and budget.running or 0)
if left <= 0 and budget.used > 0 then
  return { budgetFreeAt(keys, ARGV[2], math.min(1 - left, budget.used)), 'budget used up' }
end
redis.call('ZADD', keys.sent, now, ARGV[4])
redis.call('PEXPIRE', keys.sent, ARGV[2])
return {}
