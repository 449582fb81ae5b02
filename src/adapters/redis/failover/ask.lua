-- Says that a machine lives, renews or takes the lease where it may, and tells how it is.
-- KEYS: lease, fence, machines, born, waits. ARGV: holder, greatest fence seen, takes, length ms, machine, what it says of itself, ms it is kept.
local lease, last = redis.call('GET', KEYS[1]), redis.call('GET', KEYS[2])
local fence = tonumber(string.match(last or '', '^%d+')) or 0
local seen = tonumber(ARGV[2])
local held = 0
-- A Redis that has just begun, or has lost all, does not know of a holder that may be there: it gets the time of a lease.
if redis.call('EXISTS', KEYS[4]) == 0 then
    redis.call('SET', KEYS[4], '1')
    redis.call('SET', KEYS[5], '1', 'PX', ARGV[4])
end
local free = not lease and redis.call('EXISTS', KEYS[5]) == 0
-- Both hold "FENCE HOLDER". They differ where Redis has lost one of them; a fence below the one seen is an old memory of Redis.
local own = lease and lease == last and string.match(lease, ' (.*)$') == ARGV[1] and fence >= seen
-- One that its holder believes to have lost is taken anew, with a number of its own.
if own and ARGV[3] == 'own' then
    redis.call('PEXPIRE', KEYS[1], ARGV[4])
    held = 1
elseif ((free or own) and ARGV[3] == 'free') or (not lease and ARGV[3] == 'own') then
    fence = math.max(fence, seen) + 1
    local value = string.format('%.0f %s', fence, ARGV[1])
    redis.call('SET', KEYS[1], value, 'PX', ARGV[4])
    redis.call('SET', KEYS[2], value)
    held = 1
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[3], ARGV[5], string.format('%.0f ', now) .. ARGV[6])
local other, other_at = '', 0
local machines = redis.call('HGETALL', KEYS[3])
for n = 1, #machines, 2 do
    local at = tonumber(string.match(machines[n + 1], '^%d+')) or 0
    if now - at > tonumber(ARGV[7]) then
        redis.call('HDEL', KEYS[3], machines[n])
    elseif machines[n] ~= ARGV[5] and at > other_at then
        other, other_at = string.match(machines[n + 1], ' (.*)$') or '', at
    end
end
return { held, string.format('%.0f', fence), math.max(redis.call('PTTL', KEYS[1]), redis.call('PTTL', KEYS[5])), other, string.format('%.0f', now - other_at) }
