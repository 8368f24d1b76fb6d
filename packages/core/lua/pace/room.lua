-- Is there room for work of the lowest class, which needs ARGV.needs requests? Not while everybody holds off, nor unless the budget
-- bears it beside the ends of consults, all that the runs under way may need and one run more (ARGV.run each). Takes nothing. KEYS and ARGV: as in begin.lua.
-- Gives {} | {until, 'rate limited…' | 'budget used up'}.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local held = holdOffAt(now, { holdOff = KEYS.holdOff }, '')
if held then return held end
local keys = { sent = KEYS.sent, running = KEYS.running, allowed = KEYS.allowed, share = KEYS.share, consults = KEYS.consults }
local budget = budgetAt(now, keys, ARGV.limit, ARGV.windowMs)
if not budget.limit then return {} end
local missing = budget.used + budget.kept + ARGV.run * (budget.running + 1) + ARGV.needs - budget.limit
if missing <= 0 or budget.used + budget.running == 0 then return {} end
if budget.used == 0 then return { string.format('%.0f', now + 1000), 'budget used up' } end
return { budgetFreeAt(now, keys, ARGV.windowMs, math.min(missing, budget.used)), 'budget used up' }
