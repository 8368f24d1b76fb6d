-- Adds an event (JSON) to the trail of its call, once. Its leading "receivedAt":0 is replaced with Redis' time.
-- Returns {now, field, value, …}: the resulting trail.
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local event = string.gsub(ARGV.event, '^{"receivedAt":0', '{"receivedAt":' .. now)
local seen = redis.call('HGET', KEYS.trail, 'seen:' .. ARGV.eventKey)
local reply = { now }
for _, value in ipairs(redis.call('HGETALL', KEYS.trail)) do reply[#reply + 1] = value end

if not seen then
  local version = redis.call('HINCRBY', KEYS.trail, 'version', 1)
  redis.call('HSET', KEYS.trail, 'seen:' .. ARGV.eventKey, event)
  -- If a field occurs twice, the caller uses the last one.
  for _, value in ipairs({ 'version', tostring(version), 'seen:' .. ARGV.eventKey, event }) do reply[#reply + 1] = value end
end
redis.call('PEXPIRE', KEYS.trail, ARGV.retentionMs)
return reply
