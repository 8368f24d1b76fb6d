-- Takes one request of ARGV.operation from the budget, unless there is a hold-off, of everybody or of this operation. Called before each request to Genesys, except token requests and
-- those that `begin` and `fence` take themselves. KEYS and ARGV: as in begin.lua.
-- Returns {} if it may be sent, else {until, 'rate limited…' | 'budget used up', '' | the operation that alone is held}.
-- One request for the effect of every run in progress stays reserved, and what is kept for ending consults.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local keys = { holdOff = KEYS.holdOff, holds = KEYS.holds, sent = KEYS.sent, running = KEYS.running, allowed = KEYS.allowed, share = KEYS.share, consults = KEYS.consults }
local held, isBudgeted = mayRequest(now, keys, ARGV.operation, ARGV.limit, ARGV.windowMs, 'for effects')
if held then return held end
if isBudgeted then noteInWindow(now, keys.sent, ARGV.windowMs, ARGV.requestId) end
return {}
