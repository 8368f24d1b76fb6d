-- Accepts a transfer: reserves idempotency key and call and writes the record. Repeating it with the same id accepts once.
-- KEYS.idempotency: the record's own key without an Idempotency-Key. ofKey: `all` again if the actor is no API key
-- ARGV.request, actor, entry: JSON; the entry's "at":0 is set here
-- ARGV.notBefore, expiresAt: ms, may be ''. traceparent: may be ''. deadlineMs: the default. fingerprint: of the body
-- ARGV.sweepAfterMs: how long after the due time the sweep checks the job
-- ARGV.startedAgoMs: how old notBefore may be. aheadMs: how far ahead notBefore and expiresAt may be
-- Returns {'accepted', id, status, progress ('' = accepted before)}
--   | {'replayed', id, first status, current status, traceparent ('' = none)}
--   | {'other-body'} | {'call-held', holder} | {'bad-times', field, 'past' | 'too-far', …}
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
-- Redis' clock decides, since an API's own clock may be wrong.
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
for _, index in ipairs({ KEYS.all, KEYS.openIndex, KEYS.ofAgent, KEYS.ofTarget, KEYS.ofKey }) do
  redis.call('ZADD', index, ms(now), id)
end
redis.call('ZADD', KEYS.indexes, 'NX', 0, KEYS.ofAgent, 0, KEYS.ofTarget, 0, KEYS.ofKey)
redis.call('XADD', KEYS.changes, 'MAXLEN', '~', CHANGES.kept, '*', 'id', id)
redis.call('ZADD', KEYS.due, lookAt, id)
redis.call('ZADD', KEYS.deadlines, ms(expiresAt), id)
if KEYS.idempotency ~= KEYS.record then
  redis.call('HSET', KEYS.record, 'idempotencyKey', KEYS.idempotency)
  redis.call('HSET', KEYS.idempotency, 'fingerprint', ARGV.fingerprint, 'id', id, 'status', status, 'record', KEYS.record)
end
return { 'accepted', id, status, progress }
