-- Raises a shared time until which no request is sent to Genesys, or none of one operation (docs/rules.md). The latest time wins.
-- ARGV.toldMs: Retry-After ('' = none usable). firstMs: the first wait without it. jitter: in [0, 1).
--   quietMs: how long after a hold-off the waits start again from firstMs. why: what was exceeded ('' = not told)
--   of: '' = everybody, else ':' and the operation: those share one key
-- Returns {until, now}. Without Retry-After the waits double from one hold-off to the next, not within one.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local untilField, streakField, whyField = 'until' .. ARGV.of, 'streak' .. ARGV.of, 'why' .. ARGV.of
local state = redis.call('HMGET', KEYS.holdOff, untilField, streakField)
local heldUntil, streak = tonumber(state[1]) or 0, tonumber(state[2]) or 0
local longest, wait = tonumber(ARGV.longestMs), tonumber(ARGV.toldMs)
-- The key may live longer, for another operation.
if heldUntil + tonumber(ARGV.quietMs) < now then streak = 0 end
if not wait then
  if heldUntil > now then return { string.format('%.0f', heldUntil), string.format('%.0f', now) } end
  wait = tonumber(ARGV.firstMs) * 2 ^ math.min(streak, 30) * (1 + tonumber(ARGV.jitter) / 5)
  streak = streak + 1
end
heldUntil = math.max(heldUntil, math.ceil(now + math.min(wait, longest)))
local value = string.format('%.0f', heldUntil)
local keepUntil, keptFor = heldUntil + tonumber(ARGV.quietMs), redis.call('PTTL', KEYS.holdOff)
redis.call('HSET', KEYS.holdOff, untilField, value, streakField, streak, whyField, ARGV.why)
if keepUntil - now > keptFor then
  redis.call('PEXPIREAT', KEYS.holdOff, string.format('%.0f', keepUntil))
end
return { value, string.format('%.0f', now) }
