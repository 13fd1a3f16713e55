package djredis

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"runtime"
	"sync"
)

// What the near cache has needs no waiting: no connection, no thread of the system, no other caller. So those calls are made
// at once, with frames of their own, which are never all in use.

// nearFrames are of calls that never wait. Those that Go's collector takes from the pool are freed.
var nearFrames = sync.Pool{New: func() any {
	f := newFrame()
	runtime.SetFinalizer(f, (*frame).free)
	return f
}}

// beginNear readies a frame for a look at the near cache alone. It must be given back by giveNear.
func (c *Cache) beginNear(ctx context.Context, s settings) (*frame, error) {
	if err := checkContext(ctx); err != nil {
		return nil, err
	}
	f := nearFrames.Get().(*frame)
	f.owner, f.byContext = c, false
	f.c.call = C.djredis_call{
		struct_size: C.sizeof_djredis_call,
		flags:       C.uint32_t(s.flags | abiNearOnly),
		version:     C.int64_t(s.version),
	}
	return f, nil
}

// giveNear puts the frame back for the next call.
func (f *frame) giveNear() {
	f.owner = nil
	nearFrames.Put(f)
}

// fetchNear is fetch from the near cache alone; ErrMiss where that has no answer.
func (c *Cache) fetchNear(ctx context.Context, key string, dst any, s settings) error {
	f, err := c.beginNear(ctx, s)
	if err != nil {
		return err
	}
	defer f.giveNear()
	status := C.djredis_cache_get(c.handle, text(key), length(key), &f.c.call, &f.c.out)
	if status == C.DJREDIS_MISS {
		return ErrMiss
	}
	if status != statusOK {
		return f.fail(ctx, status)
	}
	value, err := f.value()
	if err != nil {
		return unreadable(named(key), err)
	}
	return decodeKey(key, value, dst)
}

// hasNear is Has from the near cache alone; false where that has no answer.
func (c *Cache) hasNear(ctx context.Context, key string, s settings) (bool, error) {
	f, err := c.beginNear(ctx, s)
	if err != nil {
		return false, err
	}
	defer f.giveNear()
	return f.yes(ctx, C.djredis_cache_has_key(c.handle, text(key), length(key), &f.c.call, &f.c.out))
}
