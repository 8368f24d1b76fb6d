-- Begins a run over a transfer: a new epoch, which is the fencing token of everything the run does.
-- KEYS.allowed holds the platform's own limit.
-- ARGV.limit: the configured one ('0' = none) within windowMs. requests: how many a run may need;
--   confirmation: one that only looks for the end of an accepted sending. requestId: for its first.
-- Gives {'unknown'} | {'settled', status} | {'parked'} | {'early', until, now} | {'held', until, now, why}
--   | {'begun', now, field, value, …} with the record as it stands once begun, and
--     movedById, movedByAt: which transfer of ours moved the call last, and when that was settled
--     recoverySince, recoveryUnsure: Redis may have forgotten something (presence.lua); absent otherwise
-- A run that never ended (its worker died) is counted in `interruptions`. A hold-off burns no attempt, and neither does a
-- budget that would not bear one more run: better none of a transfer's requests than some of them. Its first request, which
-- reads the call, is taken here; so a run under way needs one less.
local status = redis.call('HGET', KEYS.record, 'status')
if not status then return { 'unknown' } end
local state = redis.call('HMGET', KEYS.record, 'outcome', 'parked', 'nextAt', 'epoch', 'ended', 'movedByKey', 'attempts',
  'interruptions', 'confirms', 'endsConsult')
if state[1] and state[1] ~= '' then return { 'settled', status } end
if state[2] == '1' then return { 'parked' } end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function ms(value) return string.format('%.0f', value) end
local nextAt = tonumber(state[3]) or 0
if nextAt > now then return { 'early', ms(nextAt), ms(now) } end
local heldUntil = tonumber(redis.call('HGET', KEYS.holdOff, 'until')) or 0
if heldUntil > now then return { 'held', ms(heldUntil), ms(now), 'rate limited' } end
local recovery = redis.call('HMGET', KEYS.recovery, 'since', 'until', 'unsureUntil', 'heldUntil')
local function comes(value) return (tonumber(value) or 0) > now end
if comes(recovery[4]) then return { 'held', recovery[4], ms(now), 'too few replicas of Redis' } end
-- A lost run is resumed before new ones start: its old reservation is dropped, and every other run is left one request, its
-- effect, and not all that it might still ask for.
local lost = state[4] ~= state[5]
local requests = state[9] == '1' and not lost and ARGV.confirmation or ARGV.requests
local keys = { sent = KEYS.sent, running = KEYS.running, allowed = KEYS.allowed, consults = KEYS.consults }
-- What is kept for the end of its consult is its own once that is to be ended.
local budget = budgetAt(now, keys, ARGV.limit, ARGV.windowMs, state[10] == '1' and ARGV.id or nil)
if budget.limit then
  local reserved = lost and tonumber(redis.call('ZSCORE', keys.running, ARGV.id)) or 0
  local running = budget.running - (reserved > now - tonumber(ARGV.windowMs) and 1 or 0)
  local missing = budget.used + budget.kept + (lost and 1 or ARGV.requests - 1) * running + requests - budget.limit
  if missing > 0 and budget.used + running > 0 then
    -- Runs under way soon give back what they do not need; it is not worth waiting a minute for.
    local heldFor = ms(now + 250)
    -- A tenth more than is missing, or everybody would wake for each single request that becomes free.
    local count = math.min(missing + math.floor(budget.limit / 10), budget.used)
    if running == 0 and budget.used > 0 then heldFor = budgetFreeAt(now, keys, ARGV.windowMs, count) end
    if lost then redis.call('ZREM', keys.running, ARGV.id) end
    return { 'held', heldFor, ms(now), 'budget used up' }
  end
end

local begun = { 'status', 'active', 'epoch', ms((state[4] or 0) + 1), 'attempts', ms((state[7] or 0) + 1),
  'interruptions', ms((state[8] or 0) + (lost and 1 or 0)) }
local reply = { 'begun', ms(now) }
local function add(values)
  for _, value in ipairs(values) do reply[#reply + 1] = value end
end
-- What is begun now goes before what stood there: of a field that comes twice the last one counts.
add(redis.call('HGETALL', KEYS.record))
add(begun)
local movedBy = state[6] and redis.call('HMGET', state[6], 'id', 'at') or {}
if movedBy[1] then add({ 'movedById', movedBy[1], 'movedByAt', movedBy[2] }) end
if comes(recovery[2]) then add({ 'recoverySince', recovery[1] }) end
if comes(recovery[3]) then add({ 'recoverySince', ms(now), 'recoveryUnsure', '1' }) end

if budget.limit then
  noteInWindow(now, keys.running, ARGV.windowMs, ARGV.id)
  noteInWindow(now, keys.sent, ARGV.windowMs, ARGV.requestId)
end
redis.call('HSET', KEYS.record, unpack(begun))
return reply
