-- Counts for the quality report; prepended to the scripts that use it. Writing up to nine counters took longer than the rest of a
-- settlement, so what counts is only noted in `<report>:noted`; add-up.lua adds the notes to the counters.
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
-- When a transfer was to begin (ms), from its request's JSON; 0 if at once.
local function notBeforeOf(request)
  local isJson, value = pcall(cjson.decode, request or '')
  return isJson and type(value) == 'table' and tonumber(value.notBefore) or 0
end
-- Counts these ({name = by, …}) of a transfer with these dimensions, in the hour and the day of `at` (ms).
local function count(report, at, dimensions, counts)
  redis.call('RPUSH', report .. ':noted', cjson.encode({ at = at, of = dimensions, counts = counts }))
end
