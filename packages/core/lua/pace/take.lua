-- Takes one request from the budget, unless the hold-off stands. Asked before each request to Genesys but the token's and
-- those that `begin` and `fence` take in their own step. KEYS and ARGV: as in begin.lua.
-- Gives {} where it may be sent, else {until, 'rate limited' | 'budget used up'}.
-- It leaves one request for the effect of every run under way, and what is kept for the ends of consults.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local keys = { holdOff = KEYS.holdOff, sent = KEYS.sent, running = KEYS.running, allowed = KEYS.allowed, consults = KEYS.consults }
local held, isBudgeted = mayRequest(now, keys, ARGV.limit, ARGV.windowMs, 'for effects')
if held then return held end
if isBudgeted then noteInWindow(now, keys.sent, ARGV.windowMs, ARGV.requestId) end
return {}
