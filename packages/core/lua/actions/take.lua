-- Notes what became of the dead letter that this worker took before, and takes the next one. The worker holds the action for a
-- while; after that another one may go on.
-- ARGV.owner: the worker. leaseMs: for how long it holds it. result: the field to count ('' = none). keepMs: as in start.lua
-- ARGV.rests: why it takes none now ('' = it takes one)
-- Returns {'next', id, 'again' | ''} | {'held'} | {'rests'} | {'unknown'} | {status of an action that has ended}
local state = redis.call('HMGET', KEYS.action, 'status', 'owner', 'heldUntil', 'doing')
local status, doing = state[1], state[4] or ''
if not status then
  redis.call('ZREM', KEYS.running, ARGV.id)
  return { 'unknown' }
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function ms(value) return string.format('%.0f', value) end
local isMine = state[2] == ARGV.owner
if not isMine and tonumber(state[3] or 0) > now then return { 'held' } end
local left = redis.call('LRANGE', KEYS.left, 0, 1)
local id = left[1]
if isMine and ARGV.result ~= '' and doing ~= '' then
  redis.call('HINCRBY', KEYS.action, ARGV.result, 1)
  redis.call('HSET', KEYS.action, 'doing', '')
  redis.call('LPOP', KEYS.left)
  doing, id = '', left[2]
end
if status ~= 'running' then return { status } end
if not id then
  redis.call('HSET', KEYS.action, 'status', 'done', 'endedAt', ms(now), 'waits', '')
  redis.call('ZREM', KEYS.running, ARGV.id)
  redis.call('PEXPIRE', KEYS.action, ARGV.keepMs)
  return { 'done' }
end
if ARGV.rests ~= '' then
  redis.call('HSET', KEYS.action, 'heldUntil', 0, 'waits', ARGV.rests)
  return { 'rests' }
end
redis.call('HSET', KEYS.action, 'owner', ARGV.owner, 'heldUntil', ms(now + tonumber(ARGV.leaseMs)), 'doing', id, 'waits', '')
return { 'next', id, doing == id and 'again' or '' }
