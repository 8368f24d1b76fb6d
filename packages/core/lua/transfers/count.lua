-- Counts for the quality report; prepended to the scripts that use it. `<report>` has the figures of all time,
-- `<report>:<unit>:<start in ms>:<dimension>` those of one hour or day: `all`, and by queue asked for, agent and API key, whose field is
-- '<name> <id>'. Hours are kept 35 days, days 400 (redis/reports.ts reads them).
-- Writing up to nine counters took longer than the rest of a settlement. So each is only noted in `<report>:noted`; every
-- hundredth, and every reader (add-up.lua), adds the notes to the counters.
local NOTES = 100
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
-- Adds the notes to the counters of their hours and days, and to those of all time.
local function addUp(report)
  local noted = report .. ':noted'
  local sums, kept, first = { [report] = {} }, {}, nil
  local function add(key, field, by) sums[key][field] = (sums[key][field] or 0) + by end
  local function addIn(unit, length, days, at, dimension, field, by)
    local start = at - at % length
    local key = string.format('%s:%s:%.0f:%s', report, unit, start, dimension)
    sums[key], kept[key] = sums[key] or {}, string.format('%.0f', start + length + days * 86400000)
    add(key, field, by)
  end
  local function addNote(text)
    local note = cjson.decode(text)
    first = first or note.at
    for name, by in pairs(note.counts) do
      add(report, name, by)
      local fields = { all = name }
      for dimension, id in pairs(note.of) do fields[dimension] = name .. ' ' .. id end
      for dimension, field in pairs(fields) do
        addIn('hour', 3600000, 35, note.at, dimension, field, by)
        addIn('day', 86400000, 400, note.at, dimension, field, by)
      end
    end
  end
  -- A note that cannot be read must not refuse a settlement.
  for _, text in ipairs(redis.call('LRANGE', noted, 0, -1)) do pcall(addNote, text) end
  -- Since when hours and days are counted: a Redis of an older version has earlier figures of all time only.
  if first then redis.call('HSETNX', report, 'since', redis.call('EXISTS', report) == 1 and string.format('%.0f', first) or 0) end
  for key, fields in pairs(sums) do
    for field, by in pairs(fields) do redis.call('HINCRBY', key, field, string.format('%.0f', by)) end
    if kept[key] then redis.call('PEXPIREAT', key, kept[key]) end
  end
  redis.call('DEL', noted)
end
-- Counts these ({name = by, …}) of a transfer with these dimensions, in the hour and the day of `at` (ms).
local function count(report, at, dimensions, counts)
  local note = cjson.encode({ at = at, of = dimensions, counts = counts })
  if redis.call('RPUSH', report .. ':noted', note) >= NOTES then addUp(report) end
end
