-- Proves that a script can write and publish now; used by readiness.
-- ARGV.channel: a channel of changes; the message is empty, so subscribers ignore it.
redis.call('PUBLISH', ARGV.channel, '')
redis.call('SET', KEYS.alive, '1', 'PX', 60000)
return 'alive'
