-- Reads one page of the list of transfers, newest first: walks the narrowest of the given indexes, and gives the transfers that are
-- in all of them. Looks at ARGV.most entries at most, so a page may be short.
-- KEYS: the indexes of the filters; `all` again = no such filter
-- ARGV.from, to (exclusive). afterAt, afterId: the item after which to continue ('' = from the newest). limit: of items
-- ARGV.status: the open status to check in the record ('' = none). records: the prefix of their keys
-- Returns {time, id of where the next page continues ('' = it was the last), id, …}
local narrowest, others, least = KEYS.all, {}, nil
for _, index in ipairs({ KEYS.ofCall, KEYS.ofStatus, KEYS.ofReason, KEYS.ofTarget, KEYS.ofAgent, KEYS.ofKey }) do
  if index ~= KEYS.all then
    local count = redis.call('ZCOUNT', index, ARGV.from, '(' .. ARGV.to)
    if not least or count < least then narrowest, least = index, count end
    others[#others + 1] = index
  end
end
-- Not Lua's `<`, which follows the locale of the server.
local function isBefore(one, other)
  for place = 1, math.min(#one, #other) do
    local a, b = string.byte(one, place), string.byte(other, place)
    if a ~= b then return a < b end
  end
  return #one < #other
end

local limit, most = tonumber(ARGV.limit), tonumber(ARGV.most)
-- Often most of the first entries match, and no more are needed.
local chunk = math.min(limit + 10, 150)
local looked, page = 0, { '', '' }
-- Adds the matching ones of these ids. Returns the id at which the page ends, and whether it is the last of them.
local function add(ids)
  local found = {}
  for _, other in ipairs(#ids > 0 and others or {}) do
    if other ~= narrowest then found[#found + 1] = redis.call('ZMSCORE', other, unpack(ids)) end
  end
  for place, id in ipairs(ids) do
    local isMatch = true
    for index = 1, #found do isMatch = isMatch and found[index][place] end
    if isMatch and ARGV.status ~= '' then isMatch = redis.call('HGET', ARGV.records .. id, 'status') == ARGV.status end
    if isMatch then page[#page + 1] = id end
    if #page - 2 >= limit or looked + place >= most then return id, place == #ids end
  end
  looked = looked + #ids
end
local function goOnAfter(id)
  page[1], page[2] = redis.call('ZSCORE', narrowest, id), id
  return page
end

local newest = '(' .. ARGV.to
if ARGV.afterId ~= '' and tonumber(ARGV.afterAt) < tonumber(ARGV.to) then
  newest = '(' .. ARGV.afterAt
  local ids = {}
  local oldest = tonumber(ARGV.afterAt) < tonumber(ARGV.from) and ARGV.from or ARGV.afterAt
  for _, id in ipairs(redis.call('ZREVRANGEBYSCORE', narrowest, ARGV.afterAt, oldest)) do
    if isBefore(id, ARGV.afterId) then ids[#ids + 1] = id end
  end
  -- Few transfers are accepted in one millisecond.
  for from = 1, #ids, chunk do
    local last = add({ unpack(ids, from, math.min(from + chunk - 1, #ids)) })
    if last then return goOnAfter(last) end
  end
end
local offset = 0
while true do
  local ids = redis.call('ZREVRANGEBYSCORE', narrowest, newest, ARGV.from, 'LIMIT', offset, chunk)
  local last, isLast = add(ids)
  if last and isLast and #ids < chunk then return page end
  if last then return goOnAfter(last) end
  if #ids < chunk then return page end
  offset, chunk = offset + chunk, 150
end
