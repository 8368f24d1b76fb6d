-- Restarts a dead letter with a new deadline. Its intents stay, to be compared first. The report counts every outcome, so the
-- previous one stays counted, and is kept in the record's `endings`.
-- ARGV.deadlineMs: from now. sweepAfterMs: how long after the due time the sweep checks the job
-- ARGV.entry: JSON; its "at":0 is set here. audit: JSON list of the fields of its entry, '' = none
-- ARGV.deadBy: not if it became a dead letter later (ms), '' = at any time
-- ARGV.action: the key of the action over many that counts it and its end, '' = none
-- ARGV.ofStatus, ofReason: the indexes' keys without the status or reason
-- Returns {'replayed', expiresAt} | {'unknown'} | {'not-dead-letter'} | {'call-held', holder}
local state = redis.call('HMGET', KEYS.record, 'status', 'outcome', 'holderKey', 'ofCallKey', 'idempotencyKey', 'request',
  'actor', 'acceptedAt', 'endings', 'conflicts', 'settledAt', 'action')
if not state[1] then return { 'unknown' } end
local deadAt = redis.call('ZSCORE', KEYS.dead, ARGV.id)
if not state[3] or not deadAt then return { 'not-dead-letter' } end
if ARGV.deadBy ~= '' and tonumber(deadAt) > tonumber(ARGV.deadBy) then return { 'not-dead-letter' } end
local holder = redis.call('GET', state[3])
if holder and holder ~= ARGV.id then return { 'call-held', holder } end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function ms(value) return string.format('%.0f', value) end
local expiresAt = ms(now + tonumber(ARGV.deadlineMs))

local outcome = state[2] and state[2] ~= '' and cjson.decode(state[2])
local lookAt = ms(now + tonumber(ARGV.sweepAfterMs))
local entry = string.gsub(ARGV.entry, '^{"at":0', '{"at":' .. ms(now))
redis.call('PUBLISH', KEYS.changed, ARGV.id)
-- The first write: what cannot be written down is refused.
if ARGV.audit ~= '' then redis.call('XADD', KEYS.audit, '*', unpack(cjson.decode(ARGV.audit))) end
redis.call('XADD', KEYS.changes, 'MAXLEN', '~', CHANGES.kept, '*', 'id', ARGV.id)

if outcome then
  count(KEYS.report, now, dimensionsOf(state[6], state[7]), { replayed = 1 })
  redis.call('ZREM', ARGV.ofStatus .. outcome.status, ARGV.id)
  if outcome.reason then redis.call('ZREM', ARGV.ofReason .. outcome.reason, ARGV.id) end
  local ending = string.format('{"outcome":%s,"conflicts":%s,"settledAt":%s}', state[2], state[10] or 0, state[11] or 0)
  local before = state[9] and string.sub(state[9], 1, -2) .. ',' or '['
  redis.call('HSET', KEYS.record, 'endings', before .. ending .. ']')
end
-- The end of this run counts for this action only, no longer for one that replayed it before.
local function addBegun(action, by)
  if action and action ~= '' and redis.call('EXISTS', action) == 1 then redis.call('HINCRBY', action, 'begun', by) end
end
addBegun(state[12], -1)
addBegun(ARGV.action, 1)
redis.call('SET', state[3], ARGV.id)
redis.call('HSET', KEYS.record, 'status', 'queued', 'outcome', '', 'verdict', '', 'parked', '', 'settledAt', 0,
  'nextAt', 0, 'expiresAt', expiresAt, 'serverErrors', 0, 'unconfirmedReads', 0, 'unconfirmedSince', 0,
  'interruptions', 0, 'conflicts', 0, 'waits', 0, 'replayed', '1', 'replayedAt', ms(now), 'action', ARGV.action, 'held', '',
  'waitsFor', '', 'contradictedAt', 0)
for _, key in ipairs({ KEYS.record, KEYS.timeline, state[4] or KEYS.record }) do redis.call('PERSIST', key) end
if state[5] then redis.call('PERSIST', state[5]) end
redis.call('ZREM', KEYS.dead, ARGV.id)
redis.call('ZADD', KEYS.openIndex, state[8], ARGV.id)
redis.call('ZADD', KEYS.due, lookAt, ARGV.id)
redis.call('ZADD', KEYS.deadlines, expiresAt, ARGV.id)
redis.call('RPUSH', KEYS.timeline, entry)
return { 'replayed', expiresAt }
