-- Accepts a transfer: idempotency key, call and record in one step.
-- KEYS.idempotency is the record's own key where no Idempotency-Key was given.
-- ARGV.request, actor, entry: JSON; the entry's "at":0 is stamped here. notBefore, expiresAt (ms) and traceparent may be ''.
--   deadlineMs: the default. sweepAfterMs: how long after it is due the sweep looks for the job. fingerprint: of the body.
--   startedAgoMs: how long ago notBefore may be. aheadMs: how far ahead notBefore and expiresAt may be.
-- Gives {'accepted', id, status, progress ('' = it stood already)} | {'other-body'} | {'call-held', holder}
--   | {'replayed', id, status, status now, traceparent ('' = none)} | {'bad-times', field, 'past' | 'too-far', …}
-- Running it twice with one id accepts once: a client that lost the answer may repeat it.
local id, notBefore, expiresAt = ARGV.id, tonumber(ARGV.notBefore), tonumber(ARGV.expiresAt)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function ms(value) return string.format('%.0f', value) end

if KEYS.idempotency ~= KEYS.record then
  local known = redis.call('HMGET', KEYS.idempotency, 'fingerprint', 'id', 'status', 'record')
  if known[1] then
    if known[1] ~= ARGV.fingerprint then return { 'other-body' } end
    local first = redis.call('HMGET', known[4], 'status', 'traceparent')
    return { 'replayed', known[2], known[3], first[1] or '', first[2] or '' }
  end
end

local stands = redis.call('HGET', KEYS.record, 'status')
if stands then return { 'accepted', id, stands, '' } end
-- Judged by this clock, which all processes share: one that is wrong in an API refuses nothing.
local bad = {}
local function refuse(field, why) bad[#bad + 1], bad[#bad + 2] = field, why end
local earliest, latest = now - tonumber(ARGV.startedAgoMs), now + tonumber(ARGV.aheadMs)
if notBefore and notBefore < earliest then refuse('notBefore', 'past') end
if expiresAt and expiresAt <= now then refuse('expiresAt', 'past') end
if notBefore and notBefore > latest then refuse('notBefore', 'too-far') end
if expiresAt and expiresAt > latest then refuse('expiresAt', 'too-far') end
if bad[1] then return { 'bad-times', unpack(bad) } end
local holder = redis.call('GET', KEYS.holder)
if holder then return { 'call-held', holder } end

local start = math.max(now, notBefore or now)
expiresAt = expiresAt or start + tonumber(ARGV.deadlineMs)
local status = start > now and 'delayed' or 'queued'
local entry = string.gsub(ARGV.entry, '^{"at":0', '{"at":' .. ms(now))
local lookAt = ms(start + tonumber(ARGV.sweepAfterMs))

local progress = redis.call('INCR', KEYS.progress)
redis.call('SET', KEYS.holder, id)
redis.call('HSET', KEYS.record, 'id', id, 'request', ARGV.request, 'actor', ARGV.actor, 'status', status,
  'acceptedAt', ms(now), 'expiresAt', ms(expiresAt), 'nextAt', ms(start > now and start or 0),
  'attempts', 0, 'epoch', 0, 'ended', 0, 'holderKey', KEYS.holder, 'ofCallKey', KEYS.ofCall, 'movedByKey', KEYS.movedBy)
if ARGV.traceparent ~= '' then redis.call('HSET', KEYS.record, 'traceparent', ARGV.traceparent) end
redis.call('RPUSH', KEYS.timeline, entry)
redis.call('ZADD', KEYS.ofCall, ms(now), id)
redis.call('PERSIST', KEYS.ofCall)
redis.call('ZADD', KEYS.due, lookAt, id)
redis.call('ZADD', KEYS.deadlines, ms(expiresAt), id)
if KEYS.idempotency ~= KEYS.record then
  redis.call('HSET', KEYS.record, 'idempotencyKey', KEYS.idempotency)
  redis.call('HSET', KEYS.idempotency, 'fingerprint', ARGV.fingerprint, 'id', id, 'status', status, 'record', KEYS.record)
end
return { 'accepted', id, status, progress }
