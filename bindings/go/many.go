package djredis

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"errors"
	"math"
	"runtime"
	"unsafe"
)

// maxJoined is the most that one call takes of keys, values or arguments, all together.
const maxJoined = math.MaxUint32

// joined are many strings as C takes them: one after the other, with their lengths.
type joined struct {
	content []byte
	lengths []uint32
}

func join[T string | []byte](parts []T) (joined, error) {
	total := 0
	for _, part := range parts {
		total += len(part)
	}
	if uint64(total) > maxJoined {
		return joined{}, argumentError("%d bytes at once are too many: the limit is 4 GiB", total)
	}
	j := joined{make([]byte, 0, total), make([]uint32, 0, len(parts))}
	for _, part := range parts {
		j.content = append(j.content, part...)
		j.lengths = append(j.lengths, uint32(len(part)))
	}
	return j, nil
}

func (j joined) count() C.size_t { return C.size_t(len(j.lengths)) }

func (j joined) text() *C.char { return (*C.char)(pointer(j.content)) }

func (j joined) sizes() *C.uint32_t {
	return (*C.uint32_t)(unsafe.Pointer(unsafe.SliceData(j.lengths)))
}

// GetMany gives the values of those keys that are there, in one round trip. Where some can't be read, the others are
// given all the same, and the error is a *KeysError.
func (c *Cache) GetMany(ctx context.Context, keys []string, opts ...GetOption) (map[string]Value, error) {
	s, serializer := c.reading(getSettings(opts))
	items, err := c.getMany(ctx, keys, s, func(f *frame, j joined) C.int32_t {
		return C.djredis_cache_get_many(c.handle, j.count(), j.text(), j.sizes(), &f.c.call, &f.c.out)
	})
	found := make(map[string]Value, len(items))
	failed := map[string]error{}
	for i, item := range items {
		switch {
		case item.err != nil:
			failed[keys[i]] = item.err
		case !item.missing:
			item.value.serializer = serializer
			found[keys[i]] = item.value
		}
	}
	return found, keysError(failed, err)
}

// GetMany is Cache.GetMany with each value decoded as Get[T] does. A value that does not fit is one of the *KeysError's.
func GetMany[T any](ctx context.Context, c *Cache, keys []string, opts ...GetOption) (map[string]T, error) {
	values, err := c.GetMany(ctx, keys, opts...)
	var partly *KeysError
	if err != nil && !errors.As(err, &partly) {
		return nil, err
	}
	found, failed := make(map[string]T, len(values)), map[string]error{}
	if partly != nil {
		failed = partly.Errors
	}
	for key, value := range values {
		var decoded T
		switch err := decode(value, &decoded); {
		case err == nil:
			found[key] = decoded
		default:
			if err = c.unreadable(key, err); err != ErrMiss {
				failed[key] = err
			}
		}
	}
	return found, keysError(failed, nil)
}

// GetManyRaw gives exactly what stands in Redis under those keys that are there. Where a server of several fails, what the
// others have is given all the same, and the error is a *KeysError.
func (c *Cache) GetManyRaw(ctx context.Context, keys []string, opts ...CallOption) (map[string][]byte, error) {
	items, err := c.getMany(ctx, keys, callSettings(opts), func(f *frame, j joined) C.int32_t {
		return C.djredis_cache_get_many_raw(c.handle, j.count(), j.text(), j.sizes(), &f.c.call, &f.c.out)
	})
	found := make(map[string][]byte, len(items))
	failed := map[string]error{}
	for i, item := range items {
		switch {
		case item.err != nil:
			failed[keys[i]] = item.err
		case !item.missing:
			found[keys[i]] = item.value.data
		}
	}
	return found, keysError(failed, err)
}

func (c *Cache) getMany(
	ctx context.Context, keys []string, s settings, call func(*frame, joined) C.int32_t,
) ([]item, error) {
	j, err := join(keys)
	if err != nil {
		return nil, err
	}
	f, err := c.begin(ctx, s)
	if err != nil {
		return nil, err
	}
	defer f.give()
	return f.list(ctx, call(f, j))
}

// list is the answer of a call that gives many; none where the server is away and that is ignored.
func (f *frame) list(ctx context.Context, status C.int32_t) ([]item, error) {
	ignored, err := f.answer(ctx, status)
	if ignored || err != nil {
		return nil, err
	}
	return f.items(), nil
}

func keysError(failed map[string]error, err error) error {
	if err != nil || len(failed) == 0 {
		return err
	}
	return &KeysError{failed}
}

// SetMany stores several values with one time to live, in one round trip. A value that can't be stored is an ErrEncode
// before anything is written. Where the server refuses some, the error is a *KeysError.
func (c *Cache) SetMany(ctx context.Context, values map[string]any, opts ...SetOption) error {
	keys := sortedKeys(values)
	slots, content, err := c.slotsOf(keys, values)
	if err != nil {
		return err
	}
	// The slots point into the content, which must not move while C reads it.
	var pinned runtime.Pinner
	defer pinned.Unpin()
	if len(content) > 0 {
		pinned.Pin(&content[0])
	}
	given := make([]C.djredis_value, len(slots))
	for i, in := range slots {
		given[i] = C.djredis_value{
			_type: C.int32_t(in.slotType), flags: C.uint32_t(in.flags), integer: C.int64_t(in.integer),
			real: C.double(in.real), len: C.size_t(len(in.data)), data: (*C.uint8_t)(pointer(content)),
		}
		content = content[len(in.data):]
	}
	return c.setMany(ctx, keys, setSettings(opts), func(f *frame, j joined) C.int32_t {
		return C.djredis_cache_set_many(c.handle, j.count(), j.text(), j.sizes(), unsafe.SliceData(given), &f.c.call, &f.c.out)
	})
}

// slotsOf are the slots of the values, and the bytes of all of them, one after the other.
func (c *Cache) slotsOf(keys []string, values map[string]any) ([]slot, []byte, error) {
	slots, content := make([]slot, 0, len(keys)), []byte(nil)
	for _, key := range keys {
		in, err := c.slotOf(values[key])
		if err != nil {
			return nil, nil, unwritable(named(key), err)
		}
		slots, content = append(slots, in), append(content, in.data...)
	}
	return slots, content, nil
}

// SetManyRaw stores byte strings exactly as they are; otherwise as SetMany.
func (c *Cache) SetManyRaw(ctx context.Context, values map[string][]byte, opts ...SetOption) error {
	keys := sortedKeys(values)
	parts := make([][]byte, 0, len(keys))
	for _, key := range keys {
		parts = append(parts, values[key])
	}
	data, err := join(parts)
	if err != nil {
		return err
	}
	return c.setMany(ctx, keys, setSettings(opts), func(f *frame, j joined) C.int32_t {
		return C.djredis_cache_set_many_raw(c.handle, j.count(), j.text(), j.sizes(), pointer(data.content), data.sizes(),
			&f.c.call, &f.c.out)
	})
}

func (c *Cache) setMany(
	ctx context.Context, keys []string, s settings, call func(*frame, joined) C.int32_t,
) error {
	items, err := c.getMany(ctx, keys, s, call)
	failed := map[string]error{}
	for i, item := range items {
		if item.err != nil && !c.hides(ctx, item.err) {
			failed[keys[i]] = item.err
		}
	}
	return keysError(failed, err)
}

// DeleteMany removes several keys in one round trip, and tells how many were there.
func (c *Cache) DeleteMany(ctx context.Context, keys []string, opts ...CallOption) (int64, error) {
	j, err := join(keys)
	if err != nil {
		return 0, err
	}
	f, err := c.begin(ctx, callSettings(opts))
	if err != nil {
		return 0, err
	}
	defer f.give()
	return f.count(ctx, C.djredis_cache_delete_many(c.handle, j.count(), j.text(), j.sizes(), &f.c.call, &f.c.out))
}

// count is the answer of a call that counts; 0 where the server is away and that is ignored.
func (f *frame) count(ctx context.Context, status C.int32_t) (int64, error) {
	ignored, err := f.answer(ctx, status)
	if ignored || err != nil {
		return 0, err
	}
	return int64(f.c.out.integer), nil
}
