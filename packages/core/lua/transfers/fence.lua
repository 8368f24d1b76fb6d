-- The fence: writes the intent if this run may still send, and reserves the effect from the budget (docs/rules.md).
-- The same intent may pass again: resent under the same ETag, or this script repeated after a lost answer.
-- ARGV.compared: the open intent that this run compared with a reading ('' = none)
-- ARGV.intents: all intents (JSON); the new one has "at":0, which is set here. limit, windowMs, requestId: as in begin.lua
-- ARGV.knowsRecovery: '1' = this run knows that Redis may have lost data
-- ARGV.process: the id of the process. seenProgress: the highest progress that it saw
-- ARGV.operation: that of the effect, which may be held off by itself ('' = not known)
-- ARGV.isEnd: '1' = ends a consult: the deadline does not apply, and the kept requests may be used
-- ARGV.reserve: requests to keep for the end of what this begins (0 = none); without them it does not begin
-- Returns {'fenced', now, progress} | {'unknown'} | {'settled'} | {'taken-over'} | {'past-deadline'} | {'intent-open'}
--   | {'held', until, 'rate limited…' | 'budget used up' | 'Redis may have lost data', '' | the operation that alone is held}
-- Only 'fenced' changes anything.
local state = redis.call('HMGET', KEYS.record, 'status', 'outcome', 'epoch', 'expiresAt', 'openIntent')
if not state[1] then return { 'unknown' } end
if state[2] and state[2] ~= '' then return { 'settled' } end
if state[3] ~= ARGV.epoch then return { 'taken-over' } end
local open = state[5] or ''
if open ~= ARGV.compared and open ~= ARGV.intentId then return { 'intent-open' } end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local isEnd, reserve = ARGV.isEnd == '1', tonumber(ARGV.reserve)
if not isEnd and now >= tonumber(state[4]) then return { 'past-deadline' } end
local keys = { holdOff = KEYS.holdOff, holds = KEYS.holds, sent = KEYS.sent, running = KEYS.running, allowed = KEYS.allowed, share = KEYS.share, consults = KEYS.consults }
local held, isBudgeted =
  mayRequest(now, keys, ARGV.operation, ARGV.limit, ARGV.windowMs, 'nothing', ARGV.id, reserve > 0 and reserve or nil)
if held then return { 'held', held[1], held[2], held[3] } end
local recovery = redis.call('HMGET', KEYS.recovery, 'until', 'unsureUntil')
local function comes(value) return (tonumber(value) or 0) > now end
local isNews = ARGV.knowsRecovery ~= '1' and (comes(recovery[1]) or comes(recovery[2]))
if isNews or (tonumber(ARGV.seenProgress) or 0) > (tonumber(redis.call('GET', KEYS.progress)) or 0) then
  return { 'held', string.format('%.0f', now + 500), 'Redis may have lost data', '' }
end

local at = string.format('%.0f', now)
local intents = string.gsub(ARGV.intents, '"at":0,', '"at":' .. at .. ',', 1)
redis.call('PUBLISH', KEYS.changed, ARGV.id)
redis.call('XADD', KEYS.changes, 'MAXLEN', '~', CHANGES.kept, '*', 'id', ARGV.id)
local progress = redis.call('INCR', KEYS.progress)
if ARGV.process ~= '' then redis.call('HSET', KEYS.known, 'sent:' .. ARGV.process, progress) end
if isBudgeted then noteInWindow(now, keys.sent, ARGV.windowMs, ARGV.requestId) end
if isBudgeted and reserve > 0 then redis.call('HSET', KEYS.consults, ARGV.id, ARGV.reserve) end
if ARGV[FIRST.entries] then redis.call('RPUSH', KEYS.timeline, unpack(ARGV, FIRST.entries)) end
-- Written last: if Redis refuses an earlier command, no intent is open and nothing is sent.
redis.call('HSET', KEYS.record, 'openIntent', ARGV.intentId, 'intents', intents)
return { 'fenced', at, progress }
