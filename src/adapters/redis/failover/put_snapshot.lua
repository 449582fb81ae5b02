-- Puts a snapshot in place of the changes so far. KEYS: fence, changes, snapshot. ARGV: "FENCE HOLDER", first, the parts of the snapshot.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
    return 'fenced'
end
local id = '0-0'
if ARGV[2] == '1' then
    redis.call('DEL', KEYS[2])
else
    local last = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)
    if last[1] then
        id = last[1][1]
    end
    redis.call('XTRIM', KEYS[2], 'MINID', id)
end
redis.call('DEL', KEYS[3])
redis.call('HSET', KEYS[3], 'writer', ARGV[1], 'id', id)
for n = 3, #ARGV do
    redis.call('HSET', KEYS[3], 'data' .. n - 2, ARGV[n])
end
return 'done'
