package djredis

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"runtime"
	"sync"
	"unsafe"
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
func (c *Cache) beginNear(s settings) *frame {
	f := nearFrames.Get().(*frame)
	f.owner, f.byContext = c, false
	f.c.call = C.djredis_call{
		struct_size: C.sizeof_djredis_call,
		flags:       C.uint32_t(s.flags | abiNearOnly),
		version:     C.int64_t(s.version),
	}
	return f
}

// giveNear puts the frame back for the next call.
//
//go:noinline
func (f *frame) giveNear() {
	f.owner, f.lent = nil, copied{}
	nearFrames.Put(f)
}

// lookNear gives what the near cache has under a key, from Go's own copies where there is one; nil where it has no answer. It must be
// released.
func (c *Cache) lookNear(ctx context.Context, key string, s settings) (*copied, error) {
	if err := checkContext(ctx); err != nil {
		return nil, err
	}
	found := c.copies.find(key, s)
	// What find looked at is C's, and freed with the cache.
	runtime.KeepAlive(c)
	if found != nil {
		return found, nil
	}
	return c.askNear(ctx, key, s)
}

// askNear is lookNear without Go's copies. It stands by itself, so that the stack of a hit stays small.
//
//go:noinline
func (c *Cache) askNear(ctx context.Context, key string, s settings) (*copied, error) {
	f := c.beginNear(s)
	status := C.djredis_go_near_get(c.handle, text(key), length(key), C.uintptr_t(uintptr(unsafe.Pointer(f.c))))
	if status != statusOK {
		defer f.giveNear()
		if status == C.DJREDIS_MISS {
			return nil, nil
		}
		return nil, f.fail(ctx, status)
	}
	found, err := f.lend(key, s)
	if err == nil && c.copies.wants(key, s) {
		defer found.release()
		found = found.copy()
		c.copies.keep(found)
	}
	return found, err
}

// fetchNear is fetch from the near cache alone; ErrMiss where that has no answer.
func (c *Cache) fetchNear(ctx context.Context, key string, dst any, s settings) error {
	found, err := c.lookNear(ctx, key, s)
	if err != nil {
		return err
	}
	if found == nil {
		return ErrMiss
	}
	defer found.release()
	return found.decode(dst)
}

// getNear is the function Get with a near cache and without a serializer. A plain value never leaves this function's stack,
// which spares an allocation.
func getNear[T any](ctx context.Context, c *Cache, key string, s settings) (T, error) {
	var value T
	found, err := c.lookNear(ctx, key, s)
	if found != nil && found.decodePlain(&value) {
		found.release()
		return value, nil
	}
	if err != nil {
		return value, err
	}
	other := new(T)
	err = c.getOther(ctx, key, other, s, found)
	return *other, err
}

// getOther is what getNear does with what is not plain, or not found.
//
//go:noinline
func (c *Cache) getOther(ctx context.Context, key string, dst any, s settings, found *copied) error {
	if found == nil {
		return c.fetchFar(ctx, key, dst, s)
	}
	defer found.release()
	return found.decode(dst)
}

// hasNear is Has from the near cache alone; false where that has no answer.
func (c *Cache) hasNear(ctx context.Context, key string, s settings) (bool, error) {
	if err := checkContext(ctx); err != nil {
		return false, err
	}
	f := c.beginNear(s)
	defer f.giveNear()
	return f.yes(ctx, C.djredis_cache_has_key(c.handle, text(key), length(key), &f.c.call, &f.c.out))
}
