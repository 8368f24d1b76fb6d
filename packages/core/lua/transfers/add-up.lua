-- Adds the oldest notes of count.lua to the counters of the quality report: before these are read, and once a minute.
-- `<report>` has the figures of all time, `<report>:<unit>:<start in ms>:<dimension>` those of one minute, hour or day: `all`, and by
-- queue asked for, agent and API key, whose field is '<name> <id>'; minutes only `all`. Minutes are kept two hours, hours 35 days, days
-- 400 (redis/reports.ts reads them).
-- ARGV.most: how many notes
-- Returns how many are left
local noted = KEYS.report .. ':noted'
local notes = redis.call('LRANGE', noted, 0, ARGV.most - 1)
if #notes == 0 then return 0 end

local sums, keptUntil, first = { [KEYS.report] = {} }, {}, nil
local function add(key, field, by) sums[key][field] = (sums[key][field] or 0) + by end
local HOUR, DAY = 3600000, 86400000
local function addIn(unit, length, keepMs, at, dimension, field, by)
  local start = at - at % length
  local key = string.format('%s:%s:%.0f:%s', KEYS.report, unit, start, dimension)
  sums[key], keptUntil[key] = sums[key] or {}, string.format('%.0f', start + length + keepMs)
  add(key, field, by)
end
local function addNote(text)
  local note = cjson.decode(text)
  first = first or note.at
  for name, by in pairs(note.counts) do
    add(KEYS.report, name, by)
    addIn('minute', 60000, 2 * HOUR, note.at, 'all', name, by)
    local fields = { all = name }
    for dimension, id in pairs(note.of) do fields[dimension] = name .. ' ' .. id end
    for dimension, field in pairs(fields) do
      addIn('hour', HOUR, 35 * DAY, note.at, dimension, field, by)
      addIn('day', DAY, 400 * DAY, note.at, dimension, field, by)
    end
  end
end
-- One that cannot be read must not keep the others.
for _, text in ipairs(notes) do pcall(addNote, text) end

local hasReport = redis.call('EXISTS', KEYS.report) == 1
local left = redis.call('LLEN', noted) - #notes
-- First of all: if a later command is refused, nothing counts twice.
redis.call('LTRIM', noted, ARGV.most, -1)
-- Since when hours and days are counted: a Redis of an older version has earlier figures of all time only.
if first then redis.call('HSETNX', KEYS.report, 'since', hasReport and string.format('%.0f', first) or 0) end
for key, fields in pairs(sums) do
  for field, by in pairs(fields) do redis.call('HINCRBY', key, field, string.format('%.0f', by)) end
  if keptUntil[key] then redis.call('PEXPIREAT', key, keptUntil[key]) end
end
return left
