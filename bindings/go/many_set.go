package djredis

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"runtime"
	"unsafe"
)

// SetMany stores several values with one time to live, in one round trip. A value that can't be stored is an ErrEncode
// before anything is written. Where the server refuses some, the error is a *KeysError.
func (c *Cache) SetMany(ctx context.Context, values map[string]any, opts ...SetOption) error {
	keys, slots, content, err := c.slotsOf(values)
	if err != nil {
		return err
	}
	// The slots point into the content, which must not move while C reads it.
	var pinned runtime.Pinner
	defer pinned.Unpin()
	if len(content) > 0 {
		pinned.Pin(&content[0])
	}
	for i := range slots {
		slots[i].data = (*C.uint8_t)(pointer(content))
		content = content[slots[i].len:]
	}
	return c.setMany(ctx, keys, setSettings(opts), func(f *frame) C.int32_t {
		return C.djredis_cache_set_many(
			c.handle, keys.count(), keys.text(), keys.sizes(), unsafe.SliceData(slots), &f.c.call, &f.c.out)
	})
}

// slotsOf are the keys, the slots of the values, and the bytes that the slots are to point to, one after the other.
func (c *Cache) slotsOf(values map[string]any) (keys joined, slots []C.djredis_value, content []byte, err error) {
	keys = joined{make([]byte, 0, len(values)*usualKey), make([]uint32, 0, len(values))}
	slots = make([]C.djredis_value, 0, len(values))
	for key, value := range values {
		in, err := c.slotOf(value)
		if err != nil {
			return keys, nil, nil, unwritable(named(key), err)
		}
		if content == nil {
			// The values of one call are often alike.
			content = make([]byte, 0, min(len(values)*len(in.data), keptBytes))
		}
		keys.add(key)
		content = append(content, in.data...)
		slots = append(slots, C.djredis_value{
			_type: C.int32_t(in.slotType), flags: C.uint32_t(in.flags), integer: C.int64_t(in.integer),
			real: C.double(in.real), len: C.size_t(len(in.data)),
		})
	}
	return keys, slots, content, checkJoined(len(keys.content))
}

// SetManyRaw stores byte strings exactly as they are; otherwise as SetMany.
func (c *Cache) SetManyRaw(ctx context.Context, values map[string][]byte, opts ...SetOption) error {
	var keys joined
	parts := make([][]byte, 0, len(values))
	for key, value := range values {
		keys.add(key)
		parts = append(parts, value)
	}
	data, err := join(parts)
	if err == nil {
		err = checkJoined(len(keys.content))
	}
	if err != nil {
		return err
	}
	return c.setMany(ctx, keys, setSettings(opts), func(f *frame) C.int32_t {
		return C.djredis_cache_set_many_raw(c.handle, keys.count(), keys.text(), keys.sizes(), pointer(data.content), data.sizes(),
			&f.c.call, &f.c.out)
	})
}

func (c *Cache) setMany(ctx context.Context, keys joined, s settings, call func(*frame) C.int32_t) error {
	failed, err := c.many(ctx, s, call, func(f *frame) (failed failures) {
		for i := range keys.lengths {
			if err := f.rowError(i); err != nil && !c.hides(ctx, err) {
				failed.add(keys.at(i), err)
			}
		}
		return failed
	})
	return failed.with(err)
}
