-- Gives a lock that is still ours more time; 1 if it was. KEYS[1]: the lock. ARGV[1]: our token. ARGV[2]: milliseconds.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
