-- Reports the presence of a process, every three seconds. Detects data loss: Redis has less progress than a process has seen, or
-- it is another instance and a process that could have compared is gone (docs/operations/redis-went-back.md).
-- KEYS.progress: grows with every acceptance, fence and settlement. processes, workers: scored by when they last reported.
-- ARGV.seenProgress: the highest that this process has seen ('' = it starts now). ownProgress: of its own last intent ('' = none),
--   also stored in KEYS.known. seenRun: the run id of the Redis it used last ('' = none). neededReplicas: for an intent.
--   isWorker: '1' or ''. leaves: '1' = the process stops.
-- Returns {progress, state ('' | 'unsure' | 'open'), since, until, why, replicas ('' = unknown), '1' = data was lost, run id}
-- After a change of the run id the state is 'unsure' until every known process has compared.
local function ms(value) return string.format('%.0f', value) end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function tell(text, name) return type(text) == 'string' and string.match(text, name .. ':([^\r\n]+)') or '' end
local info = redis.pcall('INFO', 'server')
local replication = ARGV.neededReplicas ~= '0' and redis.pcall('INFO', 'replication')
local run = tell(info, 'run_id')
local progress = tonumber(redis.call('GET', KEYS.progress)) or 0
local known = redis.call('HMGET', KEYS.known, 'run', 'other', 'otherSince', 'backup')
local recovery = redis.call('HMGET', KEYS.recovery, 'since', 'until', 'why')
local GRACE, GONE = 5000, 60000
local since = known[2] == run and tonumber(known[3]) or now
local missing, missingLong = 0, 0
if known[1] and (run == '' or known[1] ~= run) then
  local own = tonumber(redis.call('ZSCORE', KEYS.processes, ARGV.id)) or now
  local function absent(before)
    return redis.call('ZCOUNT', KEYS.processes, '-inf', '(' .. ms(before)) - (own < before and 1 or 0)
  end
  missing, missingLong = absent(since), absent(now - GRACE)
end
if ARGV.leaves == '1' then
  redis.call('ZREM', KEYS.processes, ARGV.id)
  redis.call('ZREM', KEYS.workers, ARGV.id)
  redis.call('HDEL', KEYS.known, 'sent:' .. ARGV.id)
  return { ms(progress), '', '0', '0', '', '', '', run }
end

local late = redis.call('ZRANGEBYSCORE', KEYS.processes, '-inf', '(' .. ms(now - GRACE), 'WITHSCORES')
local saw, why, forgot, unsure = tonumber(ARGV.seenProgress), nil, false, false
-- Split brain: this Redis may have a higher progress than the one the process wrote to, but lack its last write.
local isAnother = ARGV.seenRun ~= '' and (run == '' or ARGV.seenRun ~= run)
local own = isAnother and tonumber(ARGV.ownProgress) or 0
local lacksOwn = own > (tonumber(redis.call('HGET', KEYS.known, 'sent:' .. ARGV.id)) or 0)
redis.call('ZADD', KEYS.processes, ms(now), ARGV.id)
if ARGV.isWorker == '1' then redis.call('ZADD', KEYS.workers, ms(now), ARGV.id) end
redis.call('ZREMRANGEBYSCORE', KEYS.workers, '-inf', '(' .. ms(now - GONE))
if saw and saw > progress then
  forgot, why = true, 'its progress is ' .. ms(progress) .. ', but a process had seen ' .. ms(saw)
  progress = saw
  redis.call('SET', KEYS.progress, ms(saw))
elseif lacksOwn then
  forgot, why = true, 'it lacks the last intent of a process'
elseif known[4] and known[4] ~= run then
  why = 'it was restored from a backup'
elseif run == '' then
  -- INFO is forbidden, so the run id is unknown.
  if not saw and known[1] and missingLong > 0 then why = 'a process disappeared, and INFO is forbidden' end
elseif known[1] and known[1] ~= run then
  if missing > 0 and now - since < GRACE then
    unsure = true
    if known[2] ~= run then redis.call('HSET', KEYS.known, 'other', run, 'otherSince', ms(now)) end
    redis.call('HSET', KEYS.recovery, 'unsureUntil', ms(since + GRACE + 2000))
  elseif missing > 0 then
    why = 'it is another instance, and ' .. ms(missing) .. ' of the processes that used it are gone'
  end
end
if why then
  if (tonumber(recovery[2]) or 0) <= now then recovery[1] = ms(now) end
  recovery[2], recovery[3] = ms(now + tonumber(ARGV.recoveryMs)), why
  redis.call('HSET', KEYS.recovery, 'since', recovery[1], 'until', recovery[2], 'why', why)
end
local function forget(before)
  for index = 1, #late, 2 do
    if tonumber(late[index + 1]) < before then redis.call('HDEL', KEYS.known, 'sent:' .. late[index]) end
  end
  redis.call('ZREMRANGEBYSCORE', KEYS.processes, '-inf', '(' .. ms(before))
end
if not unsure then
  if why then forget(now - GRACE) end
  if known[1] ~= run then redis.call('HSET', KEYS.known, 'run', run) end
  if known[2] then redis.call('HDEL', KEYS.known, 'other', 'otherSince') end
  if known[2] then redis.call('HDEL', KEYS.recovery, 'unsureUntil') end
  if known[4] and known[4] ~= run then redis.call('HDEL', KEYS.known, 'backup') end
  if now % GONE < 4000 then forget(now - GONE) end
end

local replicas = ''
if tell(replication, 'role') == 'master' then
  replicas = 0
  for state, lag in string.gmatch(replication, 'slave%d+:[^\r\n]-state=(%a+)[^\r\n]-lag=(%d+)') do
    if state == 'online' and tonumber(lag) <= 3 then replicas = replicas + 1 end
  end
  if replicas < tonumber(ARGV.neededReplicas) then redis.call('HSET', KEYS.recovery, 'heldUntil', ms(now + 4000)) end
  replicas = ms(replicas)
end
local isOpen = (tonumber(recovery[2]) or 0) > now
local state = unsure and 'unsure' or isOpen and 'open' or ''
return { ms(progress), state, isOpen and recovery[1] or '0', isOpen and recovery[2] or '0', isOpen and recovery[3] or '', replicas,
  forgot and '1' or '', run }
