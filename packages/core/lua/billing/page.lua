-- Reads one page of a list that is ordered by time (ms).
-- ARGV.from, to (exclusive). afterAt, afterId: the item after which to continue ('' = from the start).
-- Returns {id, time, …}. Continues after an item, not a rank, so that added or removed older items cause no repeats or gaps.
local from, skip = ARGV.from, 0
if ARGV.afterId ~= '' and tonumber(ARGV.afterAt) >= tonumber(from) then
  from = ARGV.afterAt
  if tonumber(redis.call('ZSCORE', KEYS.list, ARGV.afterId)) == tonumber(from) then
    skip = redis.call('ZRANK', KEYS.list, ARGV.afterId) + 1 - redis.call('ZCOUNT', KEYS.list, '-inf', '(' .. from)
  end
end
return redis.call('ZRANGEBYSCORE', KEYS.list, from, '(' .. ARGV.to, 'WITHSCORES', 'LIMIT', skip, ARGV.limit)
