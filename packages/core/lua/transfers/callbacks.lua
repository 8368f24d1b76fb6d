-- Writes a callback for the upstream, if the API key of the transfer has a receiver; prepended to the scripts that use it.
-- settings: JSON {lists: {key's name: its list of waiting callbacks}, forMs}; '' = none. shown: {status, outcome (JSON)}
-- `transfer.ended` is written each time, any other type once until the transfer ends.
-- Uses HMGET to read: its callers do so first, so a missing permission shows before anything is written.
local function tellUpstream(settings, record, id, type, now, shown)
  if settings == '' then return end
  local state = redis.call('HMGET', record, 'actor', 'callbacks', 'told', 'attempts', 'expiresAt')
  local isJson, actor = pcall(cjson.decode, state[1] or '')
  settings = cjson.decode(settings)
  local list = isJson and actor.type == 'apiKey' and settings.lists[actor.name]
  local told = state[3] or ''
  if not list or (type ~= 'transfer.ended' and string.find(told, type, 1, true)) then return end
  local function ms(value) return string.format('%.0f', value) end
  local n = ms((tonumber(state[2]) or 0) + 1)
  local name, at = id .. '_' .. n, ms(now)
  local text = '{"id":' .. cjson.encode(name) .. ',"type":"' .. type .. '","at":' .. at ..
    ',"giveUpAt":' .. ms(now + settings.forMs) .. ',"nextAt":' .. at .. ',"state":"waiting","tried":0,"tries":[]' ..
    ',"shows":{"status":"' .. shown.status .. '","outcome":' .. (shown.outcome or 'null') ..
    ',"attempts":' .. ms(state[4] or 0) .. ',"expiresAt":' .. ms(state[5] or 0) .. '}}'
  redis.call('HSET', record, 'callbacks', n, 'told', type == 'transfer.ended' and '' or told .. ' ' .. type, 'callback:' .. name, text)
  redis.call('ZADD', list, at, name)
  redis.call('PEXPIRE', list, ms(2 * settings.forMs))
end
