-- The request budget, put in front of the scripts that ask for it: at most so many requests within any window, by all
-- workers together (docs/rules.md). Kept as the time of each request that was sent, and of each run under way.
-- How it stands: `limit` (nil = none), `used`, `running`, and `kept` for the ends of consults but that of the transfer `but`. The
-- platform's own word for the limit goes before ours.
local function budgetAt(now, keys, configured, window, but)
  if configured == '0' then return {} end
  local kept, consults = 0, redis.call('HGETALL', keys.consults)
  for index = 1, #consults, 2 do
    if consults[index] ~= but then kept = kept + consults[index + 1] end
  end
  local inWindow = '(' .. (now - tonumber(window))
  return {
    limit = tonumber(redis.call('GET', keys.allowed)) or tonumber(configured),
    used = redis.call('ZCOUNT', keys.sent, inWindow, '+inf'),
    running = redis.call('ZCOUNT', keys.running, inWindow, '+inf'),
    kept = kept,
  }
end
-- When so many of the sent requests will have left the window.
local function budgetFreeAt(now, keys, window, count)
  local inWindow = '(' .. (now - tonumber(window))
  local last = redis.call('ZRANGEBYSCORE', keys.sent, inWindow, '+inf', 'WITHSCORES', 'LIMIT', count - 1, 1)
  return string.format('%.0f', last[2] + tonumber(window) + 1)
end
-- Writes down that a request goes out now, or that a run begins, and forgets those that have left the window.
local function noteInWindow(now, key, window, id)
  redis.call('ZADD', key, now, id)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - tonumber(window))
  redis.call('PEXPIRE', key, window)
end
-- May one request go out? Not while everybody holds off, or where none is left. What is kept for the ends of consults is only for
-- that of `but`; `runs`: 'for effects' leaves one request for the effect of every run under way. `reserve`: so many more must be left.
-- Gives {until, 'rate limited' | 'budget used up'} where it may not, else nil and whether there is a budget to take it from.
local function mayRequest(now, keys, configured, window, runs, but, reserve)
  local heldUntil = tonumber(redis.call('HGET', keys.holdOff, 'until')) or 0
  if heldUntil > now then return { string.format('%.0f', heldUntil), 'rate limited' } end
  local budget = budgetAt(now, keys, configured, window, but)
  if not budget.limit then return nil, false end
  local left = budget.limit - budget.used - budget.kept - (reserve or 0) - (runs == 'for effects' and budget.running or 0)
  if left <= 0 and budget.used == 0 and reserve then return { string.format('%.0f', now + 1000), 'budget used up' } end
  if left <= 0 and budget.used > 0 then
    return { budgetFreeAt(now, keys, window, math.min(1 - left, budget.used)), 'budget used up' }
  end
  return nil, true
end
