-- Gives the lease up where it is the holder's own. KEYS: lease, machines. ARGV: holder, machine.
local lease = redis.call('GET', KEYS[1])
if lease and string.match(lease, ' (.*)$') == ARGV[1] then
    redis.call('DEL', KEYS[1])
end
redis.call('HDEL', KEYS[2], ARGV[2])
