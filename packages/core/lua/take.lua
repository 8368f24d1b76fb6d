-- Takes one request from the budget, unless everybody holds off. Asked before each request to Genesys but the token's and
-- those that `begin` and `fence` take in their own step.
-- KEYS  1 hold-off  2 sent  3 running  4 the platform's own limit
-- ARGV  1 configured limit ('0' = none)  2 window (ms)  3 an id for this request
-- Gives {} where it may be sent, else {until, 'rate limited' | 'budget used up'}.
-- It leaves one request for the effect of every run under way.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local keys = { holdOff = KEYS[1], sent = KEYS[2], running = KEYS[3], allowed = KEYS[4] }
local held, isBudgeted = mayRequest(now, keys, ARGV[1], ARGV[2], 'for effects')
if held then return held end
if isBudgeted then noteInWindow(now, keys.sent, ARGV[2], ARGV[3]) end
return {}
