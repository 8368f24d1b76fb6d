-- Notes that the history has this transfer or bill, unless it changed since it was read. It is then kept as long as without a history.
-- KEYS.pending: what the history must still write, scored by its latest change (ms). KEYS.record, timeline: of a transfer; a bill has
-- its key in both. ARGV.version: the score as read. retentionMs: from the time in `version`
-- Returns 'written' | 'changed'
local noted = redis.call('ZSCORE', KEYS.pending, ARGV.id)
if not noted or tonumber(noted) ~= tonumber(ARGV.version) then return 'changed' end
local isOpen = redis.call('HGET', KEYS.record, 'outcome') == ''
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREM', KEYS.pending, ARGV.id)
if isOpen then return 'written' end
local left = math.max(1, tonumber(ARGV.version) + tonumber(ARGV.retentionMs) - now)
for _, key in ipairs({ KEYS.record, KEYS.timeline }) do redis.call('PEXPIRE', key, string.format('%.0f', left)) end
return 'written'
