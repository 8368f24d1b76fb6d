-- Begins a run over a transfer: a new epoch, which is the fencing token of everything the run does.
-- KEYS  1 record  2 hold-off
-- Gives {'unknown'} | {'settled', status} | {'parked'} | {'early', until, now} | {'held', until, now}
--     | {'begun', now, field, value, …} with the record as it stands once begun, and
--       movedById, movedByAt: which transfer of ours moved the call last, and when that was settled
-- A run that never ended (its worker died) is counted in `interruptions`. A hold-off burns no attempt.
local status = redis.call('HGET', KEYS[1], 'status')
if not status then return { 'unknown' } end
local state = redis.call('HMGET', KEYS[1], 'outcome', 'parked', 'nextAt', 'epoch', 'ended', 'movedByKey')
if state[1] and state[1] ~= '' then return { 'settled', status } end
if state[2] == '1' then return { 'parked' } end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function ms(value) return string.format('%.0f', value) end
local nextAt = tonumber(state[3]) or 0
if nextAt > now then return { 'early', ms(nextAt), ms(now) } end
local heldUntil = tonumber(redis.call('HGET', KEYS[2], 'until')) or 0
if heldUntil > now then return { 'held', ms(heldUntil), ms(now) } end

if state[4] ~= state[5] then redis.call('HINCRBY', KEYS[1], 'interruptions', 1) end
redis.call('HINCRBY', KEYS[1], 'epoch', 1)
redis.call('HINCRBY', KEYS[1], 'attempts', 1)
redis.call('HSET', KEYS[1], 'status', 'active')
local reply = { 'begun', ms(now) }
for _, value in ipairs(redis.call('HGETALL', KEYS[1])) do reply[#reply + 1] = value end
local movedBy = state[6] and redis.call('HMGET', state[6], 'id', 'at') or {}
if movedBy[1] then
  for _, value in ipairs({ 'movedById', movedBy[1], 'movedByAt', movedBy[2] }) do reply[#reply + 1] = value end
end
return reply
