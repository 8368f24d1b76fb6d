-- Removes a key if its value still begins with ARGV.start: not a successor's. Returns 1 if so, else 0.
local value = redis.call('GET', KEYS.key)
if not value or string.sub(value, 1, #ARGV.start) ~= ARGV.start then return 0 end
return redis.call('DEL', KEYS.key)
