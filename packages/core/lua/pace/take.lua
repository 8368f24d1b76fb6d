-- Takes one request from the budget, unless there is a hold-off. Called before each request to Genesys, except token requests and
-- those that `begin` and `fence` take themselves. KEYS and ARGV: as in begin.lua.
-- Returns {} if it may be sent, else {until, 'rate limited' | 'budget used up'}.
-- One request for the effect of every run in progress stays reserved, and what is kept for ending consults.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local keys = { holdOff = KEYS.holdOff, sent = KEYS.sent, running = KEYS.running, allowed = KEYS.allowed, consults = KEYS.consults }
local held, isBudgeted = mayRequest(now, keys, ARGV.limit, ARGV.windowMs, 'for effects')
if held then return held end
if isBudgeted then noteInWindow(now, keys.sent, ARGV.windowMs, ARGV.requestId) end
return {}
