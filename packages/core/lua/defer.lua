-- Ends a run without an outcome: the transfer waits, goes back to the queue, or is parked with the dead letters.
-- KEYS  1 record  2 timeline  3 due  4 unconfirmed  5 dead letters  6 report  7 channel of changes  8 deadlines
--       9 running
-- ARGV  1 transfer id  2 epoch  3 status  4 nextAt (ms, 0 = any time)  5 '1' = give the attempt back  6 '1' = park
--       7 fields to store (JSON object of strings)  8 id of the intent that stays open ('' = none)
--       9 ETag conflicts of this transfer so far  10 how long after it is due the sweep looks for the job (ms)
--       11 how long a parked transfer is kept (ms, '' = until a person settles it)
--       12 how many entries this run has stored already (the fence does)  13… timeline entries
-- Of the waits that give their attempt back, ten in a row are told each by itself; every further one is only counted in the
-- entry of the last (`times`, `since`), or a call that is answered 429 for ever would grow its timeline without end.
-- Gives 'deferred' | 'stale' (settled, or another run began). Running it twice changes nothing more.
local state = redis.call('HMGET', KEYS[1], 'outcome', 'epoch', 'ended', 'conflicts', 'holderKey', 'expiresAt',
  'waits', 'waitAt', 'waitTimes', 'waitSince', 'attempts', 'folded')
if not state[2] or state[2] ~= ARGV[2] or (state[1] and state[1] ~= '') then return 'stale' end
if state[3] == ARGV[2] then
  redis.call('ZREM', KEYS[9], ARGV[1])
  return 'deferred'
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function ms(value) return string.format('%.0f', value) end
local isRefunded, isParked, isOpen = ARGV[5] == '1', ARGV[6] == '1', ARGV[8] ~= ''

local fields = {}
local function set(name, value) fields[#fields + 1], fields[#fields + 2] = name, value end
for field, value in pairs(cjson.decode(ARGV[7])) do set(field, value) end
set('status', ARGV[3])
set('nextAt', ARGV[4])
set('ended', ARGV[2])
set('openIntent', ARGV[8])
set('conflicts', ARGV[9])
if isRefunded then set('attempts', (tonumber(state[11]) or 0) - 1) end
if isParked then set('parked', '1') end
local waits = isRefunded and (tonumber(state[7]) or 0) + 1 or 0
local length, stored, place = redis.call('LLEN', KEYS[2]), tonumber(ARGV[12]), tonumber(state[8])
local folded
if waits > 10 and #ARGV > 12 and place == length - stored - 1 then
  local times, since = state[9] + 1, state[10]
  folded = string.gsub(ARGV[#ARGV], '^{', '{"times":' .. times .. ',"since":' .. since .. ',')
  set('waitTimes', times)
  set('folded', (tonumber(state[12]) or 0) + stored)
else
  set('waits', waits)
  set('waitAt', length + #ARGV - 13)
  set('waitTimes', 1)
  set('waitSince', ms(now))
end
local conflicts = tonumber(ARGV[9]) - (tonumber(state[4]) or 0)
local lookAt = ms(math.max(now, tonumber(ARGV[4])) + tonumber(ARGV[10]))
local holdsCall = isParked and redis.call('GET', state[5]) == ARGV[1]
redis.call('PUBLISH', KEYS[7], ARGV[1])

redis.call('ZREM', KEYS[9], ARGV[1])
redis.call('HSET', KEYS[1], unpack(fields))
if conflicts > 0 then redis.call('HINCRBY', KEYS[6], 'etagConflicts', conflicts) end
if ARGV[3] == 'unconfirmed' then redis.call('SADD', KEYS[4], ARGV[1]) else redis.call('SREM', KEYS[4], ARGV[1]) end
if folded then
  redis.call('LTRIM', KEYS[2], 0, place)
  redis.call('LSET', KEYS[2], place, folded)
elseif ARGV[13] then
  redis.call('RPUSH', KEYS[2], unpack(ARGV, 13))
end
if isParked then
  redis.call('ZADD', KEYS[5], ms(now), ARGV[1])
  redis.call('ZREM', KEYS[3], ARGV[1])
  if ARGV[11] ~= '' then
    for _, key in ipairs({ KEYS[1], KEYS[2] }) do redis.call('PEXPIRE', key, ARGV[11]) end
  end
  if holdsCall then redis.call('DEL', state[5]) end
else
  redis.call('ZADD', KEYS[3], lookAt, ARGV[1])
end
-- With nothing in doubt the sweep may expire it again, even while the queue is held.
if not isOpen and not isParked then redis.call('ZADD', KEYS[8], state[6], ARGV[1]) end
return 'deferred'
