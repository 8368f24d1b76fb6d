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
