-- Counts a failed sign-in for its address and its name. Beyond the free failures each further one doubles the wait, from a second.
-- ARGV.countForMs: a count ends this long after the last failure. addressFree, nameFree: failures without a wait.
--   addressMostMs, nameMostMs: the longest wait
-- Returns how long to wait already (ms); then nothing was counted. 0: counted
local waits = math.max(redis.call('PTTL', KEYS.addressWait), redis.call('PTTL', KEYS.nameWait))
if waits > 0 then return waits end
local function count(failures, wait, free, most)
  local number = redis.call('INCR', failures)
  redis.call('PEXPIRE', failures, ARGV.countForMs)
  local beyond = number - tonumber(free)
  if beyond < 0 then return end
  redis.call('SET', wait, '1', 'PX', string.format('%.0f', math.min(1000 * 2 ^ math.min(beyond, 20), tonumber(most))))
end
count(KEYS.addressFailures, KEYS.addressWait, ARGV.addressFree, ARGV.addressMostMs)
if KEYS.nameFailures ~= KEYS.addressFailures then count(KEYS.nameFailures, KEYS.nameWait, ARGV.nameFree, ARGV.nameMostMs) end
return 0
