-- Pauses or resumes a queue of BullMQ (the field `paused` of its meta), with the audit in the same step.
-- ARGV.pause: '1' = pause, '' = resume. state: JSON; its "since":0 is set here. audit: JSON list of fields, '' = none
-- Returns {'changed' | 'already', state ('' = none)}
local isPaused = redis.call('HEXISTS', KEYS.meta, 'paused') == 1
local known = redis.call('HGET', KEYS.paused, ARGV.queue) or ''
if isPaused == (ARGV.pause == '1') then return { 'already', isPaused and known or '' } end
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
-- The first write: what cannot be written down is refused.
if ARGV.audit ~= '' then redis.call('XADD', KEYS.audit, '*', unpack(cjson.decode(ARGV.audit))) end
if ARGV.pause ~= '1' then
  redis.call('HDEL', KEYS.paused, ARGV.queue)
  redis.call('HDEL', KEYS.meta, 'paused')
  return { 'changed', '' }
end
local state = string.gsub(ARGV.state, '^{"since":0', '{"since":' .. now)
redis.call('HSET', KEYS.paused, ARGV.queue, state)
redis.call('HSET', KEYS.meta, 'paused', 1)
return { 'changed', state }
