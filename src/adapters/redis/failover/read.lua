-- What is new to a reader. KEYS: changes, snapshot. ARGV: writer and id of its place, most changes at once, most parts of a snapshot.
local at = redis.call('HMGET', KEYS[2], 'writer', 'id')
if not at[1] or not at[2] then
    return { 'nothing' }
end
local function parts(id)
    local ms, number = string.match(id, '^(%d+)-(%d+)$')
    return tonumber(ms) or 0, tonumber(number) or 0
end
local own_ms, own_number = parts(ARGV[2])
local ms, number = parts(at[2])
if at[1] ~= ARGV[1] or own_ms < ms or (own_ms == ms and own_number < number) then
    local found = { 'snapshot', at[1], at[2] }
    -- Of one part, as former versions write it: at an upgrade the new one follows them.
    found[4] = redis.call('HGET', KEYS[2], 'data') or nil
    for n = 1, math.min(redis.call('HLEN', KEYS[2]) - 2, tonumber(ARGV[4])) do
        found[n + 3] = redis.call('HGET', KEYS[2], 'data' .. n) or found[n + 3]
    end
    return found
end
local found = { 'changes' }
for _, entry in ipairs(redis.call('XRANGE', KEYS[1], '(' .. ARGV[2], '+', 'COUNT', ARGV[3])) do
    found[#found + 1] = entry[1]
    found[#found + 1] = entry[2][2]
end
return found
