-- Reads one page of a list that is ordered by time.
-- KEYS  1 list (scored by ms)
-- ARGV  1 from (ms)  2 to (ms, exclusive)  3 time and  4 id of the item after which to go on ('' = from the start)  5 limit
-- Gives {id, time, …}. Going on after an item and not after a rank, a page neither repeats nor skips when older items come or go.
local from, skip = ARGV[1], 0
if ARGV[4] ~= '' and tonumber(ARGV[3]) >= tonumber(from) then
  from = ARGV[3]
  if tonumber(redis.call('ZSCORE', KEYS[1], ARGV[4])) == tonumber(from) then
    skip = redis.call('ZRANK', KEYS[1], ARGV[4]) + 1 - redis.call('ZCOUNT', KEYS[1], '-inf', '(' .. from)
  end
end
return redis.call('ZRANGEBYSCORE', KEYS[1], from, '(' .. ARGV[2], 'WITHSCORES', 'LIMIT', skip, ARGV[5])
