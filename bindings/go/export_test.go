package djredis

// GatherAll makes a cache believe that many others are calling, for good: so every call that can goes in a batch.
func GatherAll(c *Cache) {
	for _, g := range []*gatherer{&c.reads, &c.writes} {
		g.alone.Add(1 << 20)
	}
}

// HasCopy tells whether Go has a copy of a value of the near cache that may be used. It counts as a hit.
func HasCopy(c *Cache, key string, opts ...GetOption) bool {
	return c.copies.find(key, getSettings(opts)) != nil
}

// CopiedBytes is what all such copies take.
func CopiedBytes(c *Cache) int64 { return c.copies.held.Load() }
