-- Raises the shared mark until which nobody sends to Genesys (docs/rules.md). The latest time wins.
-- KEYS  1 hold-off
-- ARGV  1 what Retry-After said (ms, '' = nothing usable)  2 first wait without it (ms)  3 longest wait (ms)
--       4 jitter in [0, 1)  5 how long after a hold-off the waits start over (ms)
-- Gives {until, now}. Without Retry-After the waits double from one hold-off to the next, not within one burst.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local state = redis.call('HMGET', KEYS[1], 'until', 'streak')
local heldUntil, streak = tonumber(state[1]) or 0, tonumber(state[2]) or 0
local longest, wait = tonumber(ARGV[3]), tonumber(ARGV[1])
if not wait then
  if heldUntil > now then return { string.format('%.0f', heldUntil), string.format('%.0f', now) } end
  wait = tonumber(ARGV[2]) * 2 ^ math.min(streak, 30) * (1 + tonumber(ARGV[4]) / 5)
  streak = streak + 1
end
heldUntil = math.max(heldUntil, math.ceil(now + math.min(wait, longest)))
local value = string.format('%.0f', heldUntil)
redis.call('HSET', KEYS[1], 'until', value, 'streak', streak)
redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', heldUntil + tonumber(ARGV[5])))
return { value, string.format('%.0f', now) }
