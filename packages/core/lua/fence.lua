-- The fence before the effect: writes the intent if this run may still send, and takes the effect from the budget (docs/rules.md).
-- KEYS  1 record  2 timeline  3 channel of changes  4 hold-off  5 sent  6 running  7 the platform's own limit
--       8 progress  9 recovery
-- ARGV  1 transfer id  2 epoch  3 id of the intent  4 the open intent that this run has compared ('' = none was open)
--       5 all intents (JSON; "at":0, stands where this one's time is stamped)
--       6 configured limit ('0' = none)  7 window (ms)  8 an id for this request
--       9 '1' = this run knows that Redis may have forgotten something  10 highest progress that its process saw ('' = none)
--       11… timeline entries
-- Gives {'fenced', now, progress} | {'unknown'} | {'settled'} | {'taken-over'} | {'past-deadline'} | {'intent-open'}
--     | {'held', until, 'rate limited' | 'budget used up' | 'Redis may have forgotten something'}; when it is not 'fenced', nothing changed
-- The same intent may pass again: a sending under the same ETag, or this script run twice after a lost answer.
local state = redis.call('HMGET', KEYS[1], 'status', 'outcome', 'epoch', 'expiresAt', 'openIntent')
if not state[1] then return { 'unknown' } end
if state[2] and state[2] ~= '' then return { 'settled' } end
if state[3] ~= ARGV[2] then return { 'taken-over' } end
local open = state[5] or ''
if open ~= ARGV[4] and open ~= ARGV[3] then return { 'intent-open' } end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if now >= tonumber(state[4]) then return { 'past-deadline' } end
local keys = { holdOff = KEYS[4], sent = KEYS[5], running = KEYS[6], allowed = KEYS[7] }
local held, isBudgeted = mayRequest(now, keys, ARGV[6], ARGV[7], 'nothing')
if held then return { 'held', held[1], held[2] } end
local recovery = redis.call('HMGET', KEYS[9], 'until', 'unsureUntil')
local function comes(value) return (tonumber(value) or 0) > now end
local isNews = ARGV[9] ~= '1' and (comes(recovery[1]) or comes(recovery[2]))
if isNews or (tonumber(ARGV[10]) or 0) > (tonumber(redis.call('GET', KEYS[8])) or 0) then
  return { 'held', string.format('%.0f', now + 500), 'Redis may have forgotten something' }
end

local at = string.format('%.0f', now)
local intents = string.gsub(ARGV[5], '"at":0,', '"at":' .. at .. ',', 1)
redis.call('PUBLISH', KEYS[3], ARGV[1])
local progress = redis.call('INCR', KEYS[8])
if isBudgeted then noteInWindow(now, keys.sent, ARGV[7], ARGV[8]) end
if ARGV[11] then redis.call('RPUSH', KEYS[2], unpack(ARGV, 11)) end
-- Last, so that no intent stands open where anything before was refused: then nothing was sent.
redis.call('HSET', KEYS[1], 'openIntent', ARGV[3], 'intents', intents)
return { 'fenced', at, progress }
