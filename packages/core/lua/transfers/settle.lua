-- Settles a transfer: outcome, call, counters and idempotent answer in one step. The keys of call and answer are in the record.
-- ARGV.guard: attempt = the run with this epoch · seen = the move was seen · unsent = no intent is open (cancel)
--   · overdue = no intent is open, past the deadline (sweep) · operator = unconfirmed
--   If Redis may have lost an intent (presence.lua), unsent and overdue are left to a worker, which reads the call.
-- KEYS.ofReason: `ofStatus` again without a reason
-- ARGV.outcome: JSON. intents: JSON, '' = as stored. reason, conflicts: may be ''. byFallback, deadLetter: '1' or ''
-- ARGV.keepAnswerMs: how long to keep the idempotent answer. isBilled: '1' = expect an event for a transfer that happened
-- ARGV.keepMs: how long to keep record and timeline. keepsHistory: '1' = the history writes it down (history/written.lua)
-- ARGV.followUps: JSON list ('' = none) of {id, field, afterMs, forMs, text}; "dueAt":0 and "giveUpAt":0 in text are set here
-- ARGV.callbacks: the receivers of callbacks, as callbacks.lua has them
-- ARGV.audit: JSON list of the fields of its entry in the audit, '' = none
-- Returns {'settled', acceptedAt, now, progress} | {'already', outcome} | {'contradicted', outcome} | {'unknown'}
--   | {'taken-over'} | {'too-late'} | {'not-due'} | {'not-unconfirmed'}
--   Only 'settled' changes the outcome; 'contradicted' adds a timeline entry and a dead letter.
local state = redis.call('HMGET', KEYS.record, 'status', 'outcome', 'epoch', 'openIntent', 'expiresAt', 'acceptedAt', 'conflicts',
  'holderKey', 'ofCallKey', 'idempotencyKey', 'movedByKey', 'request', 'actor', 'replayedAt', 'action')
if not state[1] then return { 'unknown' } end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local at = string.format('%.0f', now)
local isBilled = ARGV.isBilled == '1'
-- Billing is read before any write: whether the event has arrived, and whether a discrepancy is open.
local hasEvent = isBilled and redis.call('HGET', KEYS.bill, 'event') == '1'
local isDiscrepant = hasEvent and redis.call('HGET', KEYS.discrepancy, 'healedAt') == ''
-- It happened although it was settled otherwise: an operator must know.
if state[2] and state[2] ~= '' then
  if ARGV.guard ~= 'seen' or state[1] == 'transferred' then return { 'already', state[2] } end
  redis.call('PUBLISH', KEYS.changed, ARGV.id)
  redis.call('XADD', KEYS.changes, 'MAXLEN', '~', CHANGES.kept, '*', 'id', ARGV.id)
  redis.call('HSET', KEYS.record, 'contradictedAt', at)
  for index = FIRST.entries, #ARGV do
    redis.call('RPUSH', KEYS.timeline, (string.gsub(ARGV[index], '"step":"outcome"', '"step":"contradicted"')))
  end
  redis.call('ZADD', KEYS.dead, at, ARGV.id)
  tellUpstream(ARGV.callbacks, KEYS.record, ARGV.id, 'transfer.contradicted', now, { status = state[1], outcome = state[2] })
  if ARGV.keepsHistory == '1' then
    local noted = tonumber(redis.call('ZSCORE', KEYS.history, ARGV.id)) or 0
    redis.call('ZADD', KEYS.history, string.format('%.0f', math.max(now, noted + 1)), ARGV.id)
  end
  if ARGV.callbacks ~= '' or ARGV.keepsHistory == '1' then
    for _, key in ipairs({ KEYS.record, KEYS.timeline }) do redis.call('PEXPIRE', key, ARGV.keepMs) end
  end
  if isBilled and not hasEvent then redis.call('ZADD', KEYS.expected, at, ARGV.id) end
  return { 'contradicted', state[2] }
end
local guard, open = ARGV.guard, state[4] and state[4] ~= ''
if guard == 'attempt' and state[3] ~= ARGV.epoch then return { 'taken-over' } end
if (guard == 'unsent' or guard == 'overdue') and open then return { 'too-late' } end
if guard == 'overdue' and now < tonumber(state[5]) then return { 'not-due' } end
if guard == 'unsent' or guard == 'overdue' then
  local recovery = redis.call('HMGET', KEYS.recovery, 'since', 'until', 'unsureUntil')
  local function comes(value) return (tonumber(value) or 0) > now end
  local isOlder = tonumber(state[6]) < (tonumber(recovery[1]) or 0)
  if comes(recovery[3]) or (comes(recovery[2]) and isOlder) then return { 'too-late' } end
end
if guard == 'operator' and state[1] ~= 'unconfirmed' then return { 'not-unconfirmed' } end

local fields = { 'status', ARGV.status, 'outcome', ARGV.outcome, 'settledAt', at, 'ended', state[3] or 0, 'openIntent', '',
  'parked', '', 'nextAt', 0 }
local function also(name, value)
  if value ~= '' then fields[#fields + 1], fields[#fields + 2] = name, value end
end
also('conflicts', ARGV.conflicts)
also('intents', ARGV.intents)
local left = ARGV.followUps ~= '' and cjson.decode(ARGV.followUps) or {}
for _, one in ipairs(left) do
  local function ms(value) return string.format('%.0f', value) end
  one.dueAt = ms(now + one.afterMs)
  local times = '{"dueAt":' .. one.dueAt .. ',"giveUpAt":' .. ms(now + one.forMs)
  also(one.field, (string.gsub(one.text, '^{"dueAt":0,"giveUpAt":0', times)))
end
local holdsCall = state[8] and redis.call('GET', state[8]) == ARGV.id
local conflicts = (tonumber(ARGV.conflicts) or 0) - (tonumber(state[7]) or 0)
local entries = {}
for index = FIRST.entries, #ARGV do entries[#entries + 1] = string.gsub(ARGV[index], '^{"at":0', '{"at":' .. at) end
redis.call('PUBLISH', KEYS.changed, ARGV.id)
-- The first write: what cannot be written down is refused.
if ARGV.audit ~= '' then redis.call('XADD', KEYS.audit, '*', unpack(cjson.decode(ARGV.audit))) end
redis.call('XADD', KEYS.changes, 'MAXLEN', '~', CHANGES.kept, '*', 'id', ARGV.id)

local progress = redis.call('INCR', KEYS.progress)
redis.call('HSET', KEYS.record, unpack(fields))
tellUpstream(ARGV.callbacks, KEYS.record, ARGV.id, 'transfer.ended', now, { status = ARGV.status, outcome = ARGV.outcome })
if holdsCall then redis.call('DEL', state[8]) end
redis.call('ZREM', KEYS.due, ARGV.id)
redis.call('ZREM', KEYS.deadlines, ARGV.id)
redis.call('ZREM', KEYS.running, ARGV.id)
redis.call('HDEL', KEYS.consults, ARGV.id)
if redis.call('SREM', KEYS.unconfirmed, ARGV.id) == 1 then redis.call('ZREM', KEYS.unconfirmedIndex, ARGV.id) end
redis.call('ZADD', KEYS.ofStatus, state[6], ARGV.id)
if KEYS.ofReason ~= KEYS.ofStatus then redis.call('ZADD', KEYS.ofReason, state[6], ARGV.id) end
if redis.call('ZREM', KEYS.openIndex, ARGV.id) == 0 then redis.call('SADD', KEYS.unindexed, ARGV.id) end
if ARGV.deadLetter == '1' then redis.call('ZADD', KEYS.dead, at, ARGV.id) else redis.call('ZREM', KEYS.dead, ARGV.id) end

local counts = { [ARGV.status] = 1 }
if ARGV.reason ~= '' then counts[ARGV.status .. ':' .. ARGV.reason] = 1 end
if ARGV.status == 'transferred' and ARGV.byFallback == '1' then counts.fallbackUsed = 1 end
if conflicts > 0 then counts.etagConflicts = conflicts end
if ARGV.status == 'transferred' and guard ~= 'operator' then
  -- What it waited for a person is no time of ours.
  local from = math.max(tonumber(state[6]), notBeforeOf(state[12]), tonumber(state[14]) or 0)
  counts.timed, counts.tookMs = 1, math.max(0, now - from)
end
count(KEYS.report, now, dimensionsOf(state[12], state[13]), counts)
local action = state[15] or ''
if action ~= '' then
  redis.call('HSET', KEYS.record, 'action', '')
  if redis.call('EXISTS', action) == 1 then redis.call('HINCRBY', action, 'ended:' .. ARGV.status, 1) end
end

if entries[1] then redis.call('RPUSH', KEYS.timeline, unpack(entries)) end
if state[9] then redis.call('PEXPIRE', state[9], ARGV.retentionMs) end
for _, key in ipairs({ KEYS.record, KEYS.timeline }) do redis.call('PEXPIRE', key, ARGV.keepMs) end
if ARGV.keepsHistory == '1' then redis.call('ZADD', KEYS.history, at, ARGV.id) end
if ARGV.status == 'transferred' and state[11] then
  redis.call('HSET', state[11], 'id', ARGV.id, 'at', at)
  redis.call('PEXPIRE', state[11], ARGV.retentionMs)
end
if state[10] then redis.call('PEXPIRE', state[10], ARGV.keepAnswerMs) end
for _, one in ipairs(left) do redis.call('ZADD', KEYS.followUps, one.dueAt, one.id) end
-- Match the transfer with its event if that came first; else expect one (docs/billing.md).
if ARGV.status == 'transferred' and hasEvent then
  redis.call('HINCRBY', KEYS.billingReport, 'matched', 1)
  redis.call('ZREM', KEYS.early, ARGV.id)
  redis.call('ZREM', KEYS.unknownTransfer, ARGV.id)
  if isDiscrepant then redis.call('HSET', KEYS.discrepancy, 'healedAt', at) end
elseif ARGV.status == 'transferred' and isBilled then
  redis.call('ZADD', KEYS.expected, at, ARGV.id)
end
return { 'settled', state[6], at, progress }
