-- Adds to an integer that is there; nil if it is not. KEYS[1]: the key. ARGV[1]: the delta.
if redis.call('EXISTS', KEYS[1]) == 0 then
  return false
end
return redis.call('INCRBY', KEYS[1], ARGV[1])
