-- Adds changes behind the others. KEYS: fence, changes, snapshot. ARGV: "FENCE HOLDER", changes.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
    return 'fenced'
end
if redis.call('EXISTS', KEYS[3]) == 0 then
    return 'forgotten'
end
redis.call('XADD', KEYS[2], '*', 'changes', ARGV[2])
return 'done'
