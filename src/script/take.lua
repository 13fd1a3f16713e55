-- Deletes a value that is still what was copied; 1 if it was. KEYS[1]: the key. ARGV[1]: the copy, as DUMP gave it.
if redis.call('DUMP', KEYS[1]) ~= ARGV[1] then
  return 0
end
return redis.call('DEL', KEYS[1])
