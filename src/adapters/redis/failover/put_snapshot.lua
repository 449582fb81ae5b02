-- Puts a snapshot in place of the changes so far. KEYS: fence, changes, snapshot. ARGV: "FENCE HOLDER", snapshot, first.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
    return 'fenced'
end
local id = '0-0'
if ARGV[3] == '1' then
    redis.call('DEL', KEYS[2])
else
    local last = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)
    if last[1] then
        id = last[1][1]
    end
    redis.call('XTRIM', KEYS[2], 'MINID', id)
end
redis.call('HSET', KEYS[3], 'writer', ARGV[1], 'id', id, 'data', ARGV[2])
return 'done'
