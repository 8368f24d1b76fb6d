-- Ends a transfer: outcome, call, counters and idempotent answer in one step.
-- KEYS  1 record  2 timeline  3 due  4 deadlines  5 unconfirmed  6 dead letters  7 report  8 channel of changes
--       9 its bill  10 expected  11 early  12 its discrepancy  13 report of billing  14 open unknown-transfer
--       15 running  16 progress  17 recovery
--       (the keys of its call and of its idempotent answer stand in the record; same prefix, so same slot)
-- ARGV  1 transfer id  2 guard  3 epoch  4 outcome (JSON)  5 status  6 reason ('' = none)  7 '1' = by the fallback
--       8 '1' = dead letter  9 retention (ms)  10 retention of the idempotent answer (ms)
--       11 ETag conflicts of this transfer so far ('' = as stored)  12 intents (JSON, '' = as stored)
--       13 '1' = what happened is billed, so an event is expected  14… timeline entries ("at":0 is stamped here)
-- Guards: attempt = the run of that epoch · seen = anybody who saw it happen · unsent = no intent is open (cancel)
--         overdue = no intent is open and the deadline is past (sweep) · operator = unconfirmed (a person's word)
--         unsent and overdue are left to a worker, who reads the call, where Redis may have forgotten a sending (presence.lua)
-- Gives {'settled', acceptedAt, now, progress} | {'already', outcome} | {'contradicted', outcome} | {'unknown'} | {'taken-over'} | {'too-late'} | {'not-due'}
--     | {'not-unconfirmed'}; when it is not 'settled', nothing changed, but for 'contradicted': timeline and dead letters tell of it.
local state = redis.call('HMGET', KEYS[1], 'status', 'outcome', 'epoch', 'openIntent', 'expiresAt', 'acceptedAt', 'conflicts',
  'holderKey', 'ofCallKey', 'idempotencyKey', 'movedByKey')
if not state[1] then return { 'unknown' } end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local at = string.format('%.0f', now)
local isBilled = ARGV[13] == '1'
-- What is read of billing, before anything is written: has its event come, and is its discrepancy still open?
local hasEvent = isBilled and redis.call('HGET', KEYS[9], 'event') == '1'
local isDiscrepant = hasEvent and redis.call('HGET', KEYS[12], 'healedAt') == ''
-- Somebody saw it happen although it was settled otherwise: a person must hear of it.
if state[2] and state[2] ~= '' then
  if ARGV[2] ~= 'seen' or state[1] == 'transferred' then return { 'already', state[2] } end
  redis.call('PUBLISH', KEYS[8], ARGV[1])
  for index = 14, #ARGV do
    redis.call('RPUSH', KEYS[2], (string.gsub(ARGV[index], '"step":"outcome"', '"step":"contradicted"')))
  end
  redis.call('ZADD', KEYS[6], at, ARGV[1])
  if isBilled and not hasEvent then redis.call('ZADD', KEYS[10], at, ARGV[1]) end
  return { 'contradicted', state[2] }
end
local guard, open = ARGV[2], state[4] and state[4] ~= ''
if guard == 'attempt' and state[3] ~= ARGV[3] then return { 'taken-over' } end
if (guard == 'unsent' or guard == 'overdue') and open then return { 'too-late' } end
if guard == 'overdue' and now < tonumber(state[5]) then return { 'not-due' } end
if guard == 'unsent' or guard == 'overdue' then
  local recovery = redis.call('HMGET', KEYS[17], 'since', 'until', 'unsureUntil')
  local function comes(value) return (tonumber(value) or 0) > now end
  local isOlder = tonumber(state[6]) < (tonumber(recovery[1]) or 0)
  if comes(recovery[3]) or (comes(recovery[2]) and isOlder) then return { 'too-late' } end
end
if guard == 'operator' and state[1] ~= 'unconfirmed' then return { 'not-unconfirmed' } end

local fields = { 'status', ARGV[5], 'outcome', ARGV[4], 'settledAt', at, 'ended', state[3] or 0, 'openIntent', '',
  'parked', '', 'nextAt', 0 }
local function also(name, value)
  if value ~= '' then fields[#fields + 1], fields[#fields + 2] = name, value end
end
also('conflicts', ARGV[11])
also('intents', ARGV[12])
local holdsCall = state[8] and redis.call('GET', state[8]) == ARGV[1]
local conflicts = (tonumber(ARGV[11]) or 0) - (tonumber(state[7]) or 0)
local entries = {}
for index = 14, #ARGV do entries[#entries + 1] = string.gsub(ARGV[index], '^{"at":0', '{"at":' .. at) end
redis.call('PUBLISH', KEYS[8], ARGV[1])

local progress = redis.call('INCR', KEYS[16])
redis.call('HSET', KEYS[1], unpack(fields))
if holdsCall then redis.call('DEL', state[8]) end
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('ZREM', KEYS[4], ARGV[1])
redis.call('ZREM', KEYS[15], ARGV[1])
redis.call('SREM', KEYS[5], ARGV[1])
if ARGV[8] == '1' then redis.call('ZADD', KEYS[6], at, ARGV[1]) else redis.call('ZREM', KEYS[6], ARGV[1]) end

redis.call('HINCRBY', KEYS[7], ARGV[5], 1)
if ARGV[6] ~= '' then redis.call('HINCRBY', KEYS[7], ARGV[5] .. ':' .. ARGV[6], 1) end
if ARGV[5] == 'transferred' and ARGV[7] == '1' then redis.call('HINCRBY', KEYS[7], 'fallbackUsed', 1) end
if conflicts > 0 then redis.call('HINCRBY', KEYS[7], 'etagConflicts', conflicts) end

if entries[1] then redis.call('RPUSH', KEYS[2], unpack(entries)) end
for _, key in ipairs({ KEYS[1], KEYS[2], state[9] or KEYS[1] }) do redis.call('PEXPIRE', key, ARGV[9]) end
if ARGV[5] == 'transferred' and state[11] then
  redis.call('HSET', state[11], 'id', ARGV[1], 'at', at)
  redis.call('PEXPIRE', state[11], ARGV[9])
end
if state[10] then redis.call('PEXPIRE', state[10], ARGV[10]) end
-- It happened: it is matched with its event where that came first, else it waits for one (docs/billing.md).
if ARGV[5] == 'transferred' and hasEvent then
  redis.call('HINCRBY', KEYS[13], 'matched', 1)
  redis.call('ZREM', KEYS[11], ARGV[1])
  redis.call('ZREM', KEYS[14], ARGV[1])
  if isDiscrepant then redis.call('HSET', KEYS[12], 'healedAt', at) end
elseif ARGV[5] == 'transferred' and isBilled then
  redis.call('ZADD', KEYS[10], at, ARGV[1])
end
return { 'settled', state[6], at, progress }
