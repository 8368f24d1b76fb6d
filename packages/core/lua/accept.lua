-- Accepts a transfer: idempotency key, call and record in one step.
-- KEYS  1 record  2 timeline  3 holder of the call  4 transfers of the call  5 due  6 deadlines  7 idempotency (the record's own key = none given)
--       8 which transfer moved the call last  9 progress
-- ARGV  1 id  2 request (JSON)  3 actor (JSON)  4 notBefore and  5 expiresAt (ms, '' = none given)
--       6 default deadline (ms)  7 how long after it is due the sweep looks for the job (ms)
--       8 fingerprint of the body  9 first timeline entry (its "at":0 is stamped here)
--       10 how long ago notBefore may be (ms)  11 how far ahead notBefore and expiresAt may be (ms)
--       12 traceparent, where the transfer has a trace; absent else
-- Gives {'accepted', id, status, progress ('' = it stood already)} | {'replayed', id, status, status now, traceparent ('' = none)} | {'other-body'} | {'call-held', holder}
--     | {'bad-times', field, 'past' | 'too-far', …}
-- Running it twice with one id accepts once: a client that lost the answer may repeat it.
local id, notBefore, expiresAt = ARGV[1], tonumber(ARGV[4]), tonumber(ARGV[5])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function ms(value) return string.format('%.0f', value) end

if KEYS[7] ~= KEYS[1] then
  local known = redis.call('HMGET', KEYS[7], 'fingerprint', 'id', 'status', 'record')
  if known[1] then
    if known[1] ~= ARGV[8] then return { 'other-body' } end
    local first = redis.call('HMGET', known[4], 'status', 'traceparent')
    return { 'replayed', known[2], known[3], first[1] or '', first[2] or '' }
  end
end

local stands = redis.call('HGET', KEYS[1], 'status')
if stands then return { 'accepted', id, stands, '' } end
-- Judged by this clock, which all processes share: one that is wrong in an API refuses nothing.
local bad = {}
local function refuse(field, why) bad[#bad + 1], bad[#bad + 2] = field, why end
local earliest, latest = now - tonumber(ARGV[10]), now + tonumber(ARGV[11])
if notBefore and notBefore < earliest then refuse('notBefore', 'past') end
if expiresAt and expiresAt <= now then refuse('expiresAt', 'past') end
if notBefore and notBefore > latest then refuse('notBefore', 'too-far') end
if expiresAt and expiresAt > latest then refuse('expiresAt', 'too-far') end
if bad[1] then return { 'bad-times', unpack(bad) } end
local holder = redis.call('GET', KEYS[3])
if holder then return { 'call-held', holder } end

local start = math.max(now, notBefore or now)
expiresAt = expiresAt or start + tonumber(ARGV[6])
local status = start > now and 'delayed' or 'queued'
local entry = string.gsub(ARGV[9], '^{"at":0', '{"at":' .. ms(now))
local lookAt = ms(start + tonumber(ARGV[7]))

local progress = redis.call('INCR', KEYS[9])
redis.call('SET', KEYS[3], id)
redis.call('HSET', KEYS[1], 'id', id, 'request', ARGV[2], 'actor', ARGV[3], 'status', status,
  'acceptedAt', ms(now), 'expiresAt', ms(expiresAt), 'nextAt', ms(start > now and start or 0),
  'attempts', 0, 'epoch', 0, 'ended', 0, 'holderKey', KEYS[3], 'ofCallKey', KEYS[4], 'movedByKey', KEYS[8])
if ARGV[12] then redis.call('HSET', KEYS[1], 'traceparent', ARGV[12]) end
redis.call('RPUSH', KEYS[2], entry)
redis.call('ZADD', KEYS[4], ms(now), id)
redis.call('PERSIST', KEYS[4])
redis.call('ZADD', KEYS[5], lookAt, id)
redis.call('ZADD', KEYS[6], ms(expiresAt), id)
if KEYS[7] ~= KEYS[1] then
  redis.call('HSET', KEYS[1], 'idempotencyKey', KEYS[7])
  redis.call('HSET', KEYS[7], 'fingerprint', ARGV[8], 'id', id, 'status', status, 'record', KEYS[1])
end
return { 'accepted', id, status, progress }
