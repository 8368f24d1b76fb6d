-- Tries every command that our scripts and BullMQ's use, on scratch keys under the prefix, and the channels (docs/deployment.md).
-- KEYS  1 prefix of the scratch keys  2 marker for a BZPOPMIN, expires after ten seconds
-- ARGV  1 number of channels  2… the channels, then one key per key space
-- Returns {what, error, …} for each refusal: a command, "channel …" or "key …"; empty if all succeeded
local refused = {}
local function tell(what, reply)
  if type(reply) ~= 'table' or not reply.err then return end
  refused[#refused + 1], refused[#refused + 2] = what, reply.err
end
local function try(name, ...) tell(name, redis.pcall(name, ...)) end
local text, hash, list, other, set, zset, stream = KEYS[1] .. ':text', KEYS[1] .. ':hash', KEYS[1] .. ':list',
  KEYS[1] .. ':other', KEYS[1] .. ':set', KEYS[1] .. ':zset', KEYS[1] .. ':stream'

try('TIME')
try('DEL', text, hash, list, other, set, zset, stream)
try('SET', text, '1', 'PX', 10000, 'NX')
try('GET', text)
try('INCR', text)
try('EXISTS', text)
try('TYPE', text)
try('PTTL', text)
try('PERSIST', text)
try('PEXPIRE', text, 10000)
try('PEXPIREAT', text, 9999999999999)
try('HSET', hash, 'a', '1', 'b', '2')
try('HMSET', hash, 'c', '1')
try('HSETNX', hash, 'd', '1')
try('HINCRBY', hash, 'a', 1)
try('HGET', hash, 'a')
try('HMGET', hash, 'a', 'b')
try('HGETALL', hash)
try('HEXISTS', hash, 'a')
try('HLEN', hash)
try('HDEL', hash, 'b')
try('LPUSH', list, 'b', 'a')
try('RPUSH', list, 'c', 'd', 'e')
try('LLEN', list)
try('LINDEX', list, 0)
try('LRANGE', list, 0, -1)
try('LPOS', list, 'a')
try('LSET', list, 0, 'x')
try('RPOPLPUSH', list, other)
try('RENAME', list, list)
try('LREM', list, 1, 'x')
try('LTRIM', list, 0, 5)
try('LPOP', list)
try('RPOP', list)
try('SADD', set, 'a', 'b')
try('SCARD', set)
try('SISMEMBER', set, 'a')
try('SMEMBERS', set)
try('SRANDMEMBER', set)
try('SREM', set, 'a')
try('ZADD', zset, 1, 'a', 2, 'b', 3, 'c', 4, 'd')
try('ZCARD', zset)
try('ZCOUNT', zset, '-inf', '+inf')
try('ZSCORE', zset, 'a')
try('ZMSCORE', zset, 'a')
try('ZRANK', zset, 'a')
try('ZRANGE', zset, 0, -1)
try('ZRANGEBYSCORE', zset, '-inf', '+inf')
try('ZRANGEBYLEX', zset, '-', '+')
try('ZREVRANGE', zset, 0, -1)
try('ZREVRANGEBYSCORE', zset, '+inf', '-inf')
try('ZPOPMIN', zset)
try('ZREM', zset, 'b')
try('ZREMRANGEBYRANK', zset, 0, 0)
try('ZREMRANGEBYSCORE', zset, '-inf', '+inf')
try('XADD', stream, '*', 'a', '1')
try('XRANGE', stream, '-', '+')
try('XREVRANGE', stream, '+', '-')
try('XLEN', stream)
try('XTRIM', stream, 'MAXLEN', 0)
try('UNLINK', text, hash, list, other, set, zset, stream)

local count = tonumber(ARGV[1])
for index = 2, #ARGV do
  if index <= count + 1 then
    tell('channel ' .. ARGV[index], redis.pcall('PUBLISH', ARGV[index], ''))
  else
    tell('key ' .. ARGV[index], redis.pcall('SET', ARGV[index], '1', 'PX', 1))
    tell('key ' .. ARGV[index], redis.pcall('GET', ARGV[index]))
    redis.pcall('UNLINK', ARGV[index])
  end
end
redis.pcall('ZADD', KEYS[2], 1, 'a')
redis.pcall('PEXPIRE', KEYS[2], 10000)
return refused
