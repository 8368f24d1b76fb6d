-- Counts for the quality report; prepended to the scripts that use it. `<report>` has the figures of all time,
-- `<report>:<unit>:<start in ms>:<dimension>` those of one hour or day: `all`, and by queue asked for, agent and API key, whose field is
-- '<name> <id>'. Hours are kept 35 days, days 400 (redis/reports.ts reads them).
-- The ids of a transfer in the dimensions, from its record's JSON.
local function dimensionsOf(request, actor)
  local function decoded(text)
    local isJson, value = pcall(cjson.decode, text or '')
    return isJson and type(value) == 'table' and value or {}
  end
  request, actor = decoded(request), decoded(actor)
  local target = type(request.target) == 'table' and request.target or {}
  return {
    queue = target.type == 'queue' and target.id or nil,
    agent = request.userId,
    key = actor.type == 'apiKey' and actor.name or nil,
  }
end
-- Adds to these counts ({name, by, …}), in the current hour and day as well.
local function count(report, now, dimensions, counts)
  local function add(unit, length, days, dimension, suffix)
    local start = now - now % length
    local key = string.format('%s:%s:%.0f:%s', report, unit, start, dimension)
    for index = 1, #counts, 2 do
      local isNew = redis.call('HINCRBY', key, counts[index] .. suffix, counts[index + 1]) == counts[index + 1]
      if isNew then redis.call('PEXPIREAT', key, string.format('%.0f', start + length + days * 86400000)) end
      -- Since when hours and days are counted: a Redis of an older version has earlier figures of all time only.
      if isNew and dimension == 'all' and unit == 'day' then
        local since = redis.call('EXISTS', report) == 1 and string.format('%.0f', now) or 0
        redis.call('HSETNX', report, 'since', since)
      end
    end
  end
  local function addBoth(dimension, suffix)
    add('hour', 3600000, 35, dimension, suffix)
    add('day', 86400000, 400, dimension, suffix)
  end
  addBoth('all', '')
  for dimension, id in pairs(dimensions) do addBoth(dimension, ' ' .. id) end
  for index = 1, #counts, 2 do redis.call('HINCRBY', report, counts[index], counts[index + 1]) end
end
