-- Begins a run: a new epoch, which is its fencing token. A run that never ended (its worker died) counts in `interruptions`.
-- A hold-off or a budget that does not cover a whole run consumes no attempt. The first request, which reads the call, is
-- reserved here, so a run in progress needs one request less.
-- KEYS.allowed: the limit that the platform reports
-- ARGV.limit: the configured limit ('0' = none) within windowMs. requests: the most that a run needs
-- ARGV.confirmation: the same for a run that only checks an accepted request. requestId: of the first request
-- Returns {'unknown'} | {'settled', status} | {'parked'} | {'early', until, now} | {'held', until, now, why}
--   | {'begun', now, field, value, …}: the record as it is now, and
--     movedById, movedByAt: which of our transfers moved the call last, and when that was settled
--     recoverySince, recoveryUnsure: if Redis may have lost data (presence.lua)
--     until:X, why:X: the operation X is held off by itself (KEYS.holds)
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
local held = holdOffAt(now, { holdOff = KEYS.holdOff }, '')
if held then return { 'held', held[1], ms(now), held[2] } end
local recovery = redis.call('HMGET', KEYS.recovery, 'since', 'until', 'unsureUntil', 'heldUntil')
local function comes(value) return (tonumber(value) or 0) > now end
if comes(recovery[4]) then return { 'held', recovery[4], ms(now), 'too few replicas of Redis' } end
-- Resume lost runs before starting new ones: drop the old reservation; leave every other run one request, its effect.
local lost = state[4] ~= state[5]
local requests = state[9] == '1' and not lost and ARGV.confirmation or ARGV.requests
local keys = { sent = KEYS.sent, running = KEYS.running, allowed = KEYS.allowed, share = KEYS.share, consults = KEYS.consults }
-- A run that ends its consult may use the requests kept for that.
local budget = budgetAt(now, keys, ARGV.limit, ARGV.windowMs, state[10] == '1' and ARGV.id or nil)
if budget.limit then
  local reserved = lost and tonumber(redis.call('ZSCORE', keys.running, ARGV.id)) or 0
  local running = budget.running - (reserved > now - tonumber(ARGV.windowMs) and 1 or 0)
  local missing = budget.used + budget.kept + (lost and 1 or ARGV.requests - 1) * running + requests - budget.limit
  if missing > 0 and budget.used + running > 0 then
    -- Runs in progress soon release what they do not need, so check again shortly.
    local heldFor = ms(now + 250)
    -- Wait for a tenth more than is missing, or all workers would wake for each request that becomes free.
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
-- The new values come last: of a duplicate field the last value counts.
add(redis.call('HGETALL', KEYS.record))
add(begun)
local movedBy = state[6] and redis.call('HMGET', state[6], 'id', 'at') or {}
if movedBy[1] then add({ 'movedById', movedBy[1], 'movedByAt', movedBy[2] }) end
local holds = redis.call('HGETALL', KEYS.holds)
for index = 1, #holds, 2 do
  local of = string.match(holds[index], '^until:(.*)$')
  if of and comes(holds[index + 1]) then
    add({ holds[index], holds[index + 1], 'why:' .. of, redis.call('HGET', KEYS.holds, 'why:' .. of) or '' })
  end
end
if comes(recovery[2]) then add({ 'recoverySince', recovery[1] }) end
if comes(recovery[3]) then add({ 'recoverySince', ms(now), 'recoveryUnsure', '1' }) end

if budget.limit then
  noteInWindow(now, keys.running, ARGV.windowMs, ARGV.id)
  noteInWindow(now, keys.sent, ARGV.windowMs, ARGV.requestId)
end
redis.call('HSET', KEYS.record, unpack(begun))
return reply
