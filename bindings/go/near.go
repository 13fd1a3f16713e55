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

// lookNear gives a frame with the value of a key, which must be given back by giveNear; nil where the near cache has no answer.
func (c *Cache) lookNear(ctx context.Context, key string, s settings) (*frame, error) {
	f, err := c.beginNear(ctx, s)
	if err != nil {
		return nil, err
	}
	status := C.djredis_go_get(c.handle, text(key), length(key), C.uintptr_t(uintptr(unsafe.Pointer(f.c))))
	if status == statusOK {
		return f, nil
	}
	if status != C.DJREDIS_MISS {
		err = f.fail(ctx, status)
	}
	f.giveNear()
	return nil, err
}

// decodeNear stores the value in a frame of lookNear where dst points to, and gives the frame back.
func (f *frame) decodeNear(key string, dst any) error {
	defer f.giveNear()
	value, err := f.value()
	if err != nil {
		return unreadable(named(key), err)
	}
	return decodeKey(key, value, dst)
}

// fetchNear is fetch from the near cache alone; ErrMiss where that has no answer.
func (c *Cache) fetchNear(ctx context.Context, key string, dst any, s settings) error {
	f, err := c.lookNear(ctx, key, s)
	if err != nil {
		return err
	}
	if f == nil {
		return ErrMiss
	}
	return f.decodeNear(key, dst)
}

// getNear is the function Get with a near cache and without a serializer. A plain value never leaves this function's stack,
// which spares an allocation.
func getNear[T any](ctx context.Context, c *Cache, key string, s settings) (T, error) {
	var value T
	f, err := c.lookNear(ctx, key, s)
	if err != nil {
		return value, err
	}
	if f != nil {
		if found, err := f.value(); err == nil && decodeScalar(found, &value) {
			f.giveNear()
			return value, nil
		}
	}
	other := new(T)
	if f != nil {
		err = f.decodeNear(key, other)
	} else {
		err = c.fetchFar(ctx, key, other, s)
	}
	return *other, err
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
