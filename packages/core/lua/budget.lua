-- The request budget, put in front of the scripts that ask for it: at most so many requests within any window, by all
-- workers together (docs/rules.md). Kept as the time of each request that was sent, and of each run under way.
-- How it stands: `limit` (nil = none), `used`, `running`. The platform's own word for the limit goes before ours.
local function budgetAt(now, keys, configured, window)
  if configured == '0' then return {} end
  for _, key in ipairs({ keys.sent, keys.running }) do
    redis.call('ZREMRANGEBYSCORE', key, '-inf', now - tonumber(window))
  end
  return {
    limit = tonumber(redis.call('GET', keys.allowed)) or tonumber(configured),
    used = redis.call('ZCARD', keys.sent),
    running = redis.call('ZCARD', keys.running),
  }
end
-- When so many of the sent requests will have left the window.
local function budgetFreeAt(keys, window, count)
  local last = redis.call('ZRANGE', keys.sent, count - 1, count - 1, 'WITHSCORES')
  return string.format('%.0f', last[2] + tonumber(window) + 1)
end
-- Takes one request, unless everybody holds off or none is left. `kept` of what is left is not for this one.
-- Gives nil where it may be sent, else {until, 'rate limited' | 'budget used up'}.
local function takeRequest(now, keys, configured, window, id, kept)
  local heldUntil = tonumber(redis.call('HGET', keys.holdOff, 'until')) or 0
  if heldUntil > now then return { string.format('%.0f', heldUntil), 'rate limited' } end
  local budget = budgetAt(now, keys, configured, window)
  if not budget.limit then return nil end
  local left = budget.limit - budget.used - (kept == 'for effects' and budget.running or 0)
  if left <= 0 and budget.used > 0 then
    return { budgetFreeAt(keys, window, math.min(1 - left, budget.used)), 'budget used up' }
  end
  redis.call('ZADD', keys.sent, now, id)
  redis.call('PEXPIRE', keys.sent, window)
  return nil
end
