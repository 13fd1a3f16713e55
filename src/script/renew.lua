-- Replaces a value that is still the expected one, and gives it a new time to live; 1 if it did.
-- KEYS[1]: the key. ARGV[1]: the expected bytes. ARGV[2]: the new bytes. ARGV[3]: milliseconds; 0: for ever.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
if ARGV[3] == '0' then
  redis.call('SET', KEYS[1], ARGV[2])
else
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
end
return 1
