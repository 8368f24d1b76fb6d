-- Ends a run without an outcome: the transfer waits, returns to the queue, or becomes a dead letter. Idempotent.
-- Of consecutive waits that consume no attempt, the first ten get their own entries; further ones are counted in the last
-- (`times`, `since`), so that endless 429 answers do not grow the timeline.
-- ARGV.nextAt: ms, 0 = any time. refund: '1' = the run consumes no attempt. park: '1' = list with the dead letters
-- ARGV.keepParkedMs: how long to keep a parked record ('' = until an operator settles it). fields: to store (JSON, strings)
-- ARGV.openIntent: the intent that stays open ('' = none). conflicts: of this transfer so far
-- ARGV.sweepAfterMs: how long after the due time the sweep checks the job
-- ARGV.mayNeedEnd: '1' = a consult is or may be in progress: keep the requests for its end
-- ARGV.callbacks: the receivers of callbacks, as callbacks.lua has them; '' = this is nothing to tell
-- ARGV.storedEntries: how many entries this run has already stored at the fence
-- Returns 'deferred' | 'stale' (settled, or another run began)
local state = redis.call('HMGET', KEYS.record, 'outcome', 'epoch', 'ended', 'conflicts', 'holderKey', 'expiresAt',
  'waits', 'waitAt', 'waitTimes', 'waitSince', 'attempts', 'folded', 'acceptedAt')
if not state[2] or state[2] ~= ARGV.epoch or (state[1] and state[1] ~= '') then return 'stale' end
if state[3] == ARGV.epoch then
  redis.call('ZREM', KEYS.running, ARGV.id)
  return 'deferred'
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function ms(value) return string.format('%.0f', value) end
local isRefunded, isParked, isOpen = ARGV.refund == '1', ARGV.park == '1', ARGV.openIntent ~= ''

local fields = {}
local function set(name, value) fields[#fields + 1], fields[#fields + 2] = name, value end
for field, value in pairs(cjson.decode(ARGV.fields)) do set(field, value) end
set('status', ARGV.status)
set('nextAt', ARGV.nextAt)
set('ended', ARGV.epoch)
set('openIntent', ARGV.openIntent)
set('conflicts', ARGV.conflicts)
if isRefunded then set('attempts', (tonumber(state[11]) or 0) - 1) end
if isParked then set('parked', '1') end
local waits = isRefunded and (tonumber(state[7]) or 0) + 1 or 0
local length, stored, place = redis.call('LLEN', KEYS.timeline), tonumber(ARGV.storedEntries), tonumber(state[8])
local folded
if waits > 10 and #ARGV >= FIRST.entries and place == length - stored - 1 then
  local times, since = state[9] + 1, state[10]
  folded = string.gsub(ARGV[#ARGV], '^{', '{"times":' .. times .. ',"since":' .. since .. ',')
  set('waitTimes', times)
  set('folded', (tonumber(state[12]) or 0) + stored)
else
  set('waits', waits)
  set('waitAt', length + #ARGV - FIRST.entries)
  set('waitTimes', 1)
  set('waitSince', ms(now))
end
local conflicts = tonumber(ARGV.conflicts) - (tonumber(state[4]) or 0)
local lookAt = ms(math.max(now, tonumber(ARGV.nextAt)) + tonumber(ARGV.sweepAfterMs))
local holdsCall = isParked and redis.call('GET', state[5]) == ARGV.id
redis.call('PUBLISH', KEYS.changed, ARGV.id)
redis.call('XADD', KEYS.changes, 'MAXLEN', '~', CHANGES.kept, '*', 'id', ARGV.id)

redis.call('ZREM', KEYS.running, ARGV.id)
if isParked or ARGV.mayNeedEnd ~= '1' then redis.call('HDEL', KEYS.consults, ARGV.id) end
redis.call('HSET', KEYS.record, unpack(fields))
tellUpstream(ARGV.callbacks, KEYS.record, ARGV.id, 'transfer.unconfirmed', now, { status = ARGV.status })
if conflicts > 0 then
  local of = redis.call('HMGET', KEYS.record, 'request', 'actor')
  count(KEYS.report, now, dimensionsOf(of[1], of[2]), { etagConflicts = conflicts })
end
if ARGV.status == 'unconfirmed' then
  redis.call('SADD', KEYS.unconfirmed, ARGV.id)
  redis.call('ZADD', KEYS.unconfirmedIndex, state[13], ARGV.id)
elseif redis.call('SREM', KEYS.unconfirmed, ARGV.id) == 1 then
  redis.call('ZREM', KEYS.unconfirmedIndex, ARGV.id)
end
if folded then
  redis.call('LTRIM', KEYS.timeline, 0, place)
  redis.call('LSET', KEYS.timeline, place, folded)
elseif ARGV[FIRST.entries] then
  redis.call('RPUSH', KEYS.timeline, unpack(ARGV, FIRST.entries))
end
if isParked then
  redis.call('ZADD', KEYS.dead, ms(now), ARGV.id)
  redis.call('ZREM', KEYS.due, ARGV.id)
  if ARGV.keepParkedMs ~= '' then
    for _, key in ipairs({ KEYS.record, KEYS.timeline }) do redis.call('PEXPIRE', key, ARGV.keepParkedMs) end
  end
  if holdsCall then redis.call('DEL', state[5]) end
else
  redis.call('ZADD', KEYS.due, lookAt, ARGV.id)
end
-- Without an open intent the sweep may expire it, even while the queue is held.
if not isOpen and not isParked then redis.call('ZADD', KEYS.deadlines, state[6], ARGV.id) end
return 'deferred'
