-- Takes all that was handed over. KEYS: fence, offered. ARGV: "FENCE HOLDER".
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
    return {}
end
local all = redis.call('LRANGE', KEYS[2], 0, -1)
redis.call('DEL', KEYS[2])
return all
