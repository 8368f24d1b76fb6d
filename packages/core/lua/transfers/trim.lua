-- Removes entries from an index whose record is gone, looking at ARGV.most of the oldest after `skip`.
-- ARGV.before: younger entries have their record. records: the prefix of the records' keys
-- ARGV.now: when it was visited
-- Returns {looked at, removed}
local ids = redis.call('ZRANGEBYSCORE', KEYS.index, '-inf', ARGV.before, 'LIMIT', ARGV.skip, ARGV.most)
redis.call('ZADD', KEYS.indexes, 'XX', ARGV.now, KEYS.index)
local gone = {}
for _, id in ipairs(ids) do
  if redis.call('EXISTS', ARGV.records .. id) == 0 then gone[#gone + 1] = id end
end
if #gone > 0 then redis.call('ZREM', KEYS.index, unpack(gone)) end
if #gone > 0 and redis.call('EXISTS', KEYS.index) == 0 then redis.call('ZREM', KEYS.indexes, KEYS.index) end
return { #ids, #gone }
