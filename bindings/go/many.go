package djredis

/*
#include "shim.h"
*/
import "C"

import (
	"bytes"
	"context"
	"errors"
	"math"
	"unsafe"
)

const (
	// maxJoined is the most that one call takes of keys, values or arguments, all together.
	maxJoined = math.MaxUint32
	// usualKey is what most keys fit in.
	usualKey = 24
)

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
	if err := checkJoined(total); err != nil {
		return joined{}, err
	}
	j := joined{make([]byte, 0, total), make([]uint32, 0, len(parts))}
	for _, part := range parts {
		j.content = append(j.content, part...)
		j.lengths = append(j.lengths, uint32(len(part)))
	}
	return j, nil
}

func (j *joined) add(part string) {
	j.content = append(j.content, part...)
	j.lengths = append(j.lengths, uint32(len(part)))
}

// at is the string with this number. It costs what stands before it.
func (j joined) at(i int) string {
	start := 0
	for _, length := range j.lengths[:i] {
		start += int(length)
	}
	return string(j.content[start : start+int(j.lengths[i])])
}

func checkJoined(total int) error {
	if uint64(total) > maxJoined {
		return argumentError("%d bytes at once are too many: the limit is 4 GiB", total)
	}
	return nil
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
	found := make(map[string]Value, len(keys))
	failed, err := c.getMany(ctx, keys, s, func(f *frame) (failed failures) {
		// The values share one copy of the bytes.
		content := bytes.Clone(f.bytes())
		for i, key := range keys {
			switch result := f.resultIn(content, i); result.Err {
			case nil:
				result.Value.serializer = serializer
				found[key] = result.Value
			case ErrMiss:
			default:
				failed.add(key, result.Err)
			}
		}
		return failed
	})
	return found, failed.with(err)
}

// GetMany is Cache.GetMany with each value decoded as Get[T] does. A value that does not fit is one of the *KeysError's. The
// strings of a map[string]string share one copy of the reply: clone (strings.Clone) the few that outlive the others by far.
func GetMany[T any](ctx context.Context, c *Cache, keys []string, opts ...GetOption) (map[string]T, error) {
	s, serializer := c.reading(getSettings(opts))
	if serializer != nil {
		// It runs when the call is over, as for Get.
		return decodeMany[T](ctx, c, keys, opts)
	}
	found := make(map[string]T, len(keys))
	failed, err := c.getMany(ctx, keys, s, func(f *frame) (failed failures) {
		var decoded, empty T
		content := f.bytes()
		if canShare(&decoded) {
			content = bytes.Clone(content)
		}
		for i, key := range keys {
			result := f.resultIn(content, i)
			if decoded = empty; result.Err == nil && !share(result.Value, &decoded) {
				result.Err = decodeKey(key, result.Value, &decoded)
			}
			switch result.Err {
			case nil:
				found[key] = decoded
			case ErrMiss:
			default:
				failed.add(key, result.Err)
			}
		}
		return failed
	})
	if err != nil {
		return nil, err
	}
	return found, failed.with(nil)
}

// canShare tells whether share can be true for this destination.
func canShare(dst any) bool {
	switch dst.(type) {
	case *string, *Value:
		return true
	}
	return false
}

// share stores a value whose bytes nobody will write to any more, without a copy of them.
func share(v Value, dst any) bool {
	switch to := dst.(type) {
	case *string:
		if v.kind == KindText {
			*to = unsafe.String(unsafe.SliceData(v.data), len(v.data))
			return true
		}
	case *Value:
		*to = v
		return true
	}
	return false
}

// decodeMany is GetMany with a serializer.
func decodeMany[T any](ctx context.Context, c *Cache, keys []string, opts []GetOption) (map[string]T, error) {
	values, err := c.GetMany(ctx, keys, opts...)
	var partly *KeysError
	if err != nil && !errors.As(err, &partly) {
		return nil, err
	}
	found, failed := make(map[string]T, len(values)), failures{}
	if partly != nil {
		failed.byKey = partly.Errors
	}
	for key, value := range values {
		var decoded T
		if err := decode(value, &decoded); err == nil {
			found[key] = decoded
		} else if err = c.unreadable(key, err); err != ErrMiss {
			failed.add(key, err)
		}
	}
	return found, failed.with(nil)
}

// GetManyRaw gives exactly what stands in Redis under those keys that are there. Where a server of several fails, what the
// others have is given all the same, and the error is a *KeysError.
func (c *Cache) GetManyRaw(ctx context.Context, keys []string, opts ...CallOption) (map[string][]byte, error) {
	j, err := join(keys)
	if err != nil {
		return nil, err
	}
	found := make(map[string][]byte, len(keys))
	failed, err := c.many(ctx, callSettings(opts), func(f *frame) C.int32_t {
		return C.djredis_cache_get_many_raw(c.handle, j.count(), j.text(), j.sizes(), &f.c.call, &f.c.out)
	}, func(f *frame) (failed failures) {
		content := bytes.Clone(f.bytes())
		for i, key := range keys {
			switch result := f.resultIn(content, i); result.Err {
			case nil:
				found[key] = result.Value.data
			case ErrMiss:
			default:
				failed.add(key, result.Err)
			}
		}
		return failed
	})
	return found, failed.with(err)
}

func (c *Cache) getMany(ctx context.Context, keys []string, s settings, read func(*frame) failures) (failures, error) {
	j, err := join(keys)
	if err != nil {
		return failures{}, err
	}
	return c.many(ctx, s, func(f *frame) C.int32_t {
		return C.djredis_cache_get_many(c.handle, j.count(), j.text(), j.sizes(), &f.c.call, &f.c.out)
	}, read)
}

// many makes a call that gives a row for each key, and lets read take them while they stand in the frame. It does not where
// the server is away and that is ignored.
func (c *Cache) many(
	ctx context.Context, s settings, call func(*frame) C.int32_t, read func(*frame) failures,
) (failures, error) {
	f, err := c.begin(ctx, s)
	if err != nil {
		return failures{}, err
	}
	defer f.give()
	ignored, err := f.answer(ctx, call(f))
	if ignored || err != nil {
		return failures{}, err
	}
	return read(f), nil
}

// list is the answer of a call that gives many; none where the server is away and that is ignored.
func (f *frame) list(ctx context.Context, status C.int32_t) ([]Result, error) {
	ignored, err := f.answer(ctx, status)
	if ignored || err != nil {
		return nil, err
	}
	return f.results(), nil
}

// failures are the errors of those keys that have some.
type failures struct{ byKey map[string]error }

func (f *failures) add(key string, err error) {
	if f.byKey == nil {
		f.byKey = map[string]error{}
	}
	f.byKey[key] = err
}

// with is the error of a call: of the whole, or of its keys.
func (f failures) with(err error) error {
	if err != nil || len(f.byKey) == 0 {
		return err
	}
	return &KeysError{f.byKey}
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
