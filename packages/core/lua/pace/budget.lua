-- The request budget of all workers, a sliding window (docs/rules.md); prepended to the scripts that use it. Stored as the times
-- of requests sent and of runs in progress.
-- The current state: `limit` (nil = none; a limit that the platform reported overrides ours, and what others spend of it lowers it), `used`, `running`, and `kept`: reserved
-- for ending consults, except that of the transfer `but`.
local function budgetAt(now, keys, configured, window, but)
  if configured == '0' then return {} end
  local kept, consults = 0, redis.call('HGETALL', keys.consults)
  for index = 1, #consults, 2 do
    if consults[index] ~= but then kept = kept + consults[index + 1] end
  end
  local inWindow = '(' .. (now - tonumber(window))
  return {
    limit = math.min(
      tonumber(redis.call('GET', keys.allowed)) or tonumber(configured),
      tonumber(redis.call('GET', keys.share)) or math.huge
    ),
    used = redis.call('ZCOUNT', keys.sent, inWindow, '+inf'),
    running = redis.call('ZCOUNT', keys.running, inWindow, '+inf'),
    kept = kept,
  }
end
-- The time when this many of the sent requests will have left the window.
local function budgetFreeAt(now, keys, window, count)
  local inWindow = '(' .. (now - tonumber(window))
  local last = redis.call('ZRANGEBYSCORE', keys.sent, inWindow, '+inf', 'WITHSCORES', 'LIMIT', count - 1, 1)
  return string.format('%.0f', last[2] + tonumber(window) + 1)
end
-- Notes a request or the start of a run, and removes entries that have left the window.
local function noteInWindow(now, key, window, id)
  redis.call('ZADD', key, now, id)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - tonumber(window))
  redis.call('PEXPIRE', key, window)
end
-- The hold-off in effect: that of everybody, or else that of this operation ('' = none). nil, or {until, rule, scope}; `scope` is ''
-- for everybody, else the operation.
local function holdOffAt(now, keys, operation)
  local function heldBy(key, of)
    local state = redis.call('HMGET', key, 'until' .. of, 'why' .. of)
    local heldUntil, why = tonumber(state[1]) or 0, state[2]
    if heldUntil <= now then return nil end
    local rule = why and why ~= '' and 'rate limited: ' .. why or 'rate limited'
    return { string.format('%.0f', heldUntil), rule, operation }
  end
  local held = heldBy(keys.holdOff, '')
  if held then return { held[1], held[2], '' } end
  if operation == '' then return nil end
  return heldBy(keys.holds, ':' .. operation)
end
-- Whether one request of this operation may be sent: not during a hold-off, or if none is left. What is kept for ending consults is only for that of
-- `but`; `runs`: 'for effects' reserves one request for the effect of each run in progress. `reserve`: this many more must be left.
-- Returns {until, 'rate limited…' | 'budget used up', scope} if not, else nil and whether there is a budget.
local function mayRequest(now, keys, operation, configured, window, runs, but, reserve)
  local held = holdOffAt(now, keys, operation)
  if held then return held end
  local budget = budgetAt(now, keys, configured, window, but)
  if not budget.limit then return nil, false end
  local left = budget.limit - budget.used - budget.kept - (reserve or 0) - (runs == 'for effects' and budget.running or 0)
  if left <= 0 and budget.used == 0 and reserve then return { string.format('%.0f', now + 1000), 'budget used up', '' } end
  if left <= 0 and budget.used > 0 then
    return { budgetFreeAt(now, keys, window, math.min(1 - left, budget.used)), 'budget used up', '' }
  end
  return nil, true
end
