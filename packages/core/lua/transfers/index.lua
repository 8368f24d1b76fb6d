-- Indexes a transfer as it stands, as its acceptance and its settlement do: one that an older version accepted, settled or
-- replayed. Idempotent.
-- KEYS.ofAgent, ofTarget, ofKey: `all` again where it has none. ARGV.ofStatus, ofReason: as in replay.lua
-- Returns 'indexed' | 'unknown' (its record is gone)
local state = redis.call('HMGET', KEYS.record, 'status', 'outcome', 'acceptedAt')
if not state[1] then
  redis.call('ZREM', KEYS.openIndex, ARGV.id)
  redis.call('SREM', KEYS.unindexed, ARGV.id)
  return 'unknown'
end
for _, index in ipairs({ KEYS.all, KEYS.ofAgent, KEYS.ofTarget, KEYS.ofKey }) do
  redis.call('ZADD', index, state[3], ARGV.id)
  redis.call('ZADD', KEYS.indexes, 'NX', 0, index)
end
if state[2] and state[2] ~= '' then
  local outcome = cjson.decode(state[2])
  redis.call('ZADD', ARGV.ofStatus .. outcome.status, state[3], ARGV.id)
  if outcome.reason then redis.call('ZADD', ARGV.ofReason .. outcome.reason, state[3], ARGV.id) end
  redis.call('ZREM', KEYS.openIndex, ARGV.id)
else
  redis.call('ZADD', KEYS.openIndex, state[3], ARGV.id)
  if redis.call('SISMEMBER', KEYS.unconfirmed, ARGV.id) == 1 then
    redis.call('ZADD', KEYS.unconfirmedIndex, state[3], ARGV.id)
  end
end
redis.call('SREM', KEYS.unindexed, ARGV.id)
return 'indexed'
