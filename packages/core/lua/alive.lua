-- Proves that a script may write and publish now: what readiness asks of Redis.
-- KEYS  1 a key for it
-- ARGV  1 a channel of changes; the message is empty, so subscribers ignore it
redis.call('PUBLISH', ARGV[1], '')
redis.call('SET', KEYS[1], '1', 'PX', 60000)
return 'alive'
