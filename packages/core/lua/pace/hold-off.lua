-- Raises the shared time until which no request is sent to Genesys (docs/rules.md). The latest time wins.
-- ARGV.toldMs: Retry-After ('' = none usable). firstMs: the first wait without it. jitter: in [0, 1).
--   quietMs: how long after a hold-off the waits start again from firstMs.
-- Returns {until, now}. Without Retry-After the waits double from one hold-off to the next, not within one.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local state = redis.call('HMGET', KEYS.holdOff, 'until', 'streak')
local heldUntil, streak = tonumber(state[1]) or 0, tonumber(state[2]) or 0
local longest, wait = tonumber(ARGV.longestMs), tonumber(ARGV.toldMs)
if not wait then
  if heldUntil > now then return { string.format('%.0f', heldUntil), string.format('%.0f', now) } end
  wait = tonumber(ARGV.firstMs) * 2 ^ math.min(streak, 30) * (1 + tonumber(ARGV.jitter) / 5)
  streak = streak + 1
end
heldUntil = math.max(heldUntil, math.ceil(now + math.min(wait, longest)))
local value = string.format('%.0f', heldUntil)
redis.call('HSET', KEYS.holdOff, 'until', value, 'streak', streak)
redis.call('PEXPIREAT', KEYS.holdOff, string.format('%.0f', heldUntil + tonumber(ARGV.quietMs)))
return { value, string.format('%.0f', now) }
