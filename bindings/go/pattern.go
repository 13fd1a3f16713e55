package djredis

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"runtime"
)

// Keys are the keys that match a pattern (Redis's glob), without prefix and version, each once, in no order. The context's
// deadline holds for the whole, Options.SocketTimeout for each round trip.
func (c *Cache) Keys(ctx context.Context, pattern string, opts ...ScanOption) ([]string, error) {
	f, err := c.beginWhole(ctx, scanSettings(opts))
	if err != nil {
		return nil, err
	}
	defer f.give()
	results, err := f.list(ctx, C.djredis_cache_keys(c.handle, text(pattern), length(pattern), &f.c.call, &f.c.out))
	return texts(results), err
}

// DeletePattern removes the keys that match a pattern, and tells how many. Times as for Keys. After an error what was
// removed until then stays removed.
func (c *Cache) DeletePattern(ctx context.Context, pattern string, opts ...ScanOption) (int64, error) {
	f, err := c.beginWhole(ctx, scanSettings(opts))
	if err != nil {
		return 0, err
	}
	defer f.give()
	return f.count(ctx, C.djredis_cache_delete_pattern(c.handle, text(pattern), length(pattern), &f.c.call, &f.c.out))
}

// Clear removes everything: the whole database, or this prefix's keys under Options.Clear "prefix".
func (c *Cache) Clear(ctx context.Context) error {
	f, err := c.beginWhole(ctx, settings{})
	if err != nil {
		return err
	}
	defer f.give()
	_, err = f.answer(ctx, C.djredis_cache_clear(c.handle, &f.c.call, &f.c.out))
	return err
}

// beginWhole is begin for calls of many round trips: their deadline is the context's alone.
func (c *Cache) beginWhole(ctx context.Context, s settings) (*frame, error) {
	f, err := c.begin(ctx, s)
	if err == nil {
		f.prepare(ctx, s, Infinite)
	}
	return f, err
}

// Scan goes through the keys that match a pattern, in bounded memory. As with Redis's SCAN a key may come twice. After
// an error it ends; the key is "" then. It is an iter.Seq2[string, error], and can be used more than once:
//
//	for key, err := range cache.Scan(ctx, "user:*") { ... }         // Go 1.23
//	cache.Scan(ctx, "user:*")(func(key string, err error) bool { ... }) // before
func (c *Cache) Scan(ctx context.Context, pattern string, opts ...ScanOption) func(yield func(string, error) bool) {
	s := scanSettings(opts)
	return func(yield func(string, error) bool) {
		scan, err := c.startScan(ctx, pattern, s)
		if err != nil {
			yield("", err)
			return
		}
		defer C.djredis_scan_free(scan)
		for {
			keys, err := c.nextBatch(ctx, scan)
			if err == ErrMiss {
				return
			}
			if err != nil {
				yield("", err)
				return
			}
			for _, key := range keys {
				if !yield(key, nil) {
					return
				}
			}
		}
	}
}

func (c *Cache) startScan(ctx context.Context, pattern string, s settings) (*C.djredis_scan, error) {
	f, err := c.begin(ctx, s)
	if err != nil {
		return nil, err
	}
	defer f.give()
	var scan *C.djredis_scan
	_, err = f.answer(ctx, C.djredis_cache_scan(c.handle, text(pattern), length(pattern), &f.c.call, &scan, &f.c.out))
	return scan, err
}

// nextBatch gives some keys, or ErrMiss at the end: also where the server is away and that is ignored.
func (c *Cache) nextBatch(ctx context.Context, scan *C.djredis_scan) ([]string, error) {
	f, err := c.begin(ctx, settings{})
	if err != nil {
		return nil, err
	}
	defer f.give()
	results, err := f.list(ctx, C.djredis_scan_next(scan, &f.c.call, &f.c.out))
	runtime.KeepAlive(c)
	if err == nil && len(results) == 0 {
		return nil, ErrMiss
	}
	return texts(results), err
}

func texts(results []Result) []string {
	keys := make([]string, 0, len(results))
	for _, result := range results {
		keys = append(keys, string(result.Value.data))
	}
	return keys
}
