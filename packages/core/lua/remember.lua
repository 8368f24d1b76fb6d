-- Adds an event to the trail of its call, once.
-- KEYS  1 trail
-- ARGV  1 key of the event  2 event (JSON; its leading "receivedAt":0 is stamped here)  3 retention (ms)
-- Gives {now, field, value, …}: the trail as it stands then.
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local event = string.gsub(ARGV[2], '^{"receivedAt":0', '{"receivedAt":' .. now)
local seen = redis.call('HGET', KEYS[1], 'seen:' .. ARGV[1])
local reply = { now }
for _, value in ipairs(redis.call('HGETALL', KEYS[1])) do reply[#reply + 1] = value end

if not seen then
  local version = redis.call('HINCRBY', KEYS[1], 'version', 1)
  redis.call('HSET', KEYS[1], 'seen:' .. ARGV[1], event)
  -- Of a field that comes twice the last one counts.
  for _, value in ipairs({ 'version', tostring(version), 'seen:' .. ARGV[1], event }) do reply[#reply + 1] = value end
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return reply
