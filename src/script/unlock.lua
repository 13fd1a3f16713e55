-- Gives up a lock that is still ours; 1 if it was. KEYS[1]: the lock. ARGV[1]: our token.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
return redis.call('DEL', KEYS[1])
