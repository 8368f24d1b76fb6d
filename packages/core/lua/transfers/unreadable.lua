-- Makes a dead letter of a job that cannot be read and has no record.
-- ARGV.at: now (ms). actor, outcome, entry: JSON
redis.call('HSET', KEYS.record, 'id', ARGV.id, 'request', 'null', 'actor', ARGV.actor, 'status', 'failed',
  'acceptedAt', ARGV.at, 'expiresAt', ARGV.at, 'settledAt', ARGV.at, 'outcome', ARGV.outcome)
redis.call('RPUSH', KEYS.timeline, ARGV.entry)
for _, key in ipairs({ KEYS.record, KEYS.timeline }) do redis.call('PEXPIRE', key, ARGV.keepMs) end
if ARGV.keepsHistory == '1' then redis.call('ZADD', KEYS.history, ARGV.at, ARGV.id) end
for _, key in ipairs({ KEYS.dead, KEYS.all, KEYS.ofFailed, KEYS.ofUnreadable }) do redis.call('ZADD', key, ARGV.at, ARGV.id) end
count(KEYS.report, tonumber(ARGV.at), {}, { failed = 1, ['failed:unreadable-job'] = 1 })
return 'recorded'
