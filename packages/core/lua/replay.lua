-- Starts a dead letter again with a new deadline; its old intents stay, to be read first.
-- KEYS  1 record  2 timeline  3 due  4 deadlines  5 dead letters  6 report  7 channel of changes
-- ARGV  1 transfer id  2 new deadline (ms from now)  3 how long after it is due the sweep looks for the job (ms)
--       4 timeline entry ("at":0 is stamped here)
-- Gives {'replayed', expiresAt} | {'unknown'} | {'not-dead-letter'} | {'call-held', holder}
-- The report counts a transfer by how it ended last, so the old outcome is taken back from it.
local state = redis.call('HMGET', KEYS[1], 'status', 'outcome', 'holderKey', 'ofCallKey', 'idempotencyKey')
if not state[1] then return { 'unknown' } end
if not state[3] or not redis.call('ZSCORE', KEYS[5], ARGV[1]) then return { 'not-dead-letter' } end
local holder = redis.call('GET', state[3])
if holder and holder ~= ARGV[1] then return { 'call-held', holder } end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function ms(value) return string.format('%.0f', value) end
local expiresAt = ms(now + tonumber(ARGV[2]))

local outcome = state[2] and state[2] ~= '' and cjson.decode(state[2])
local lookAt = ms(now + tonumber(ARGV[3]))
local entry = string.gsub(ARGV[4], '^{"at":0', '{"at":' .. ms(now))
redis.call('PUBLISH', KEYS[7], ARGV[1])

if outcome then
  redis.call('HINCRBY', KEYS[6], outcome.status, -1)
  if outcome.reason then redis.call('HINCRBY', KEYS[6], outcome.status .. ':' .. outcome.reason, -1) end
end
redis.call('SET', state[3], ARGV[1])
redis.call('HSET', KEYS[1], 'status', 'queued', 'outcome', '', 'verdict', '', 'parked', '', 'settledAt', 0,
  'nextAt', 0, 'expiresAt', expiresAt, 'serverErrors', 0, 'unconfirmedReads', 0, 'unconfirmedSince', 0,
  'interruptions', 0, 'conflicts', 0, 'waits', 0, 'replayed', '1', 'held', '')
for _, key in ipairs({ KEYS[1], KEYS[2], state[4] or KEYS[1] }) do redis.call('PERSIST', key) end
if state[5] then redis.call('PERSIST', state[5]) end
redis.call('ZREM', KEYS[5], ARGV[1])
redis.call('ZADD', KEYS[3], lookAt, ARGV[1])
redis.call('ZADD', KEYS[4], expiresAt, ARGV[1])
redis.call('RPUSH', KEYS[2], entry)
return { 'replayed', expiresAt }
