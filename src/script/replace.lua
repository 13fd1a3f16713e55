-- Replaces a value that is still the expected one, keeping its time to live; 1 if it did.
-- KEYS[1]: the key. ARGV[1]: the expected bytes. ARGV[2]: the new bytes.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
local left = redis.call('PTTL', KEYS[1])
redis.call('SET', KEYS[1], ARGV[2])
if left > 0 then
  redis.call('PEXPIRE', KEYS[1], left)
end
return 1
