package djredis

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"fmt"
	"reflect"
	"time"
)

// named is how a sentence speaks of a key: in quotes, and not all of a long one.
func named(key string) string { return fmt.Sprintf("the value of %.100q", key) }

// Get stores the value of a key where dst points to: a *string, *int, *[]T, *map[K]V, a pointer to a struct, *any, *Value,
// ... The package's table says what fits what. ErrMiss: there is no such key. ErrDecode: the stored bytes can't be read,
// or the value does not fit; the message names the field and the type.
func (c *Cache) Get(ctx context.Context, key string, dst any, opts ...GetOption) error {
	return c.get(ctx, key, dst, getSettings(opts))
}

// Get is Cache.Get with the value as the result: Get[string](ctx, cache, "name").
func Get[T any](ctx context.Context, c *Cache, key string, opts ...GetOption) (T, error) {
	s := getSettings(opts)
	if c.near && c.serializer == nil {
		return getNear[T](ctx, c, key, s)
	}
	var value T
	err := c.get(ctx, key, &value, s)
	return value, err
}

func (c *Cache) get(ctx context.Context, key string, dst any, s settings) error {
	s, serializer := c.reading(s)
	if serializer == nil {
		return c.fetch(ctx, key, dst, s)
	}
	// The serializer runs when the call is over, so that it keeps nobody waiting, and may use the cache.
	var found Value
	if err := c.fetch(ctx, key, &found, s); err != nil {
		return err
	}
	found.serializer = serializer
	if err := decode(found, dst); err != nil {
		return c.unreadable(key, err)
	}
	return nil
}

// unreadable is the ErrDecode of a stored value; or ErrMiss where a serializer can't read it and DECODE_ERROR is "miss".
func (c *Cache) unreadable(key string, err error) error {
	if c.missOnDecode && storedIn(err) != nil {
		return ErrMiss
	}
	return unreadable(named(key), err)
}

// fetch is get without a serializer.
func (c *Cache) fetch(ctx context.Context, key string, dst any, s settings) error {
	if c.near {
		if err := c.fetchNear(ctx, key, dst, s); err != ErrMiss {
			return err
		}
	}
	return c.fetchFar(ctx, key, dst, s)
}

// fetchFar is fetch from the server.
func (c *Cache) fetchFar(ctx context.Context, key string, dst any, s settings) error {
	if !c.reads.tryEnter() {
		if err := c.fetchTogether(ctx, key, dst, s); err != errAlone {
			return err
		}
	}
	defer c.reads.leave()
	f, err := c.begin(ctx, s)
	if err != nil {
		return err
	}
	defer f.give()
	status := C.djredis_cache_get(c.handle, text(key), length(key), &f.c.call, &f.c.out)
	ignored, err := f.answer(ctx, status)
	if err != nil {
		return err
	}
	if ignored {
		return ErrMiss
	}
	value, err := f.value()
	if err != nil {
		return unreadable(named(key), err)
	}
	return decodeKey(key, value, dst)
}

func decodeKey(key string, value Value, dst any) error {
	if err := decode(value, dst); err != nil {
		return unreadable(named(key), err)
	}
	return nil
}

// fetchTogether is fetch with others' calls.
func (c *Cache) fetchTogether(ctx context.Context, key string, dst any, s settings) error {
	answer, err := c.reads.join(ctx, c, &batchCall{"get", key, nil, s})
	if err != nil {
		return missing(err)
	}
	defer answer.release()
	value, err := answer.value()
	if err != nil {
		return unreadable(named(key), err)
	}
	return decodeKey(key, value, dst)
}

// missing is the error of a read: where the server is away and that is ignored, there is nothing.
func missing(err error) error {
	if err == errIgnored {
		return ErrMiss
	}
	return err
}

// yesTogether is a call that says yes or no, with others'.
func (c *Cache) yesTogether(ctx context.Context, g *gatherer, call *batchCall) (bool, error) {
	answer, err := g.join(ctx, c, call)
	switch err {
	case nil:
		answer.release()
		return true, nil
	case ErrMiss, errIgnored:
		return false, nil
	}
	return false, err
}

// GetRaw is exactly what stands in Redis under a key. ErrMiss: there is no such key.
func (c *Cache) GetRaw(ctx context.Context, key string, opts ...CallOption) ([]byte, error) {
	f, err := c.begin(ctx, callSettings(opts))
	if err != nil {
		return nil, err
	}
	defer f.give()
	status := C.djredis_cache_get_raw(c.handle, text(key), length(key), &f.c.call, &f.c.out)
	ignored, err := f.answer(ctx, status)
	if err != nil {
		return nil, err
	}
	if ignored {
		return nil, ErrMiss
	}
	return append([]byte{}, f.bytes()...), nil
}

// Set stores a value: for TTL(d), Forever, or as Options.Timeout says. Integers are stored as digits, a Value as it was
// read, everything else pickled, or as the serializer writes it. ErrMiss: NX or XX was not met. ErrEncode: the value has nothing alike in Python.
func (c *Cache) Set(ctx context.Context, key string, value any, opts ...SetOption) error {
	return c.set(ctx, key, value, setSettings(opts))
}

// Add stores a value only if the key is not there, else the answer is ErrMiss.
func (c *Cache) Add(ctx context.Context, key string, value any, opts ...SetOption) error {
	s := setSettings(opts)
	s.flags |= abiNx
	return c.set(ctx, key, value, s)
}

func (c *Cache) set(ctx context.Context, key string, value any, s settings) error {
	in, err := c.slotOf(value)
	if err != nil {
		return unwritable(named(key), err)
	}
	if in.canBeGathered(value) && !s.isContradictory() {
		if !c.writes.tryEnter() {
			if err := c.setTogether(ctx, key, in, s); err != errAlone {
				return err
			}
		}
		defer c.writes.leave()
	}
	f, err := c.begin(ctx, s)
	if err != nil {
		return err
	}
	defer f.give()
	status := C.djredis_go_set(c.handle, text(key), length(key), C.int32_t(in.slotType), C.uint32_t(in.flags),
		C.int64_t(in.integer), C.double(in.real), pointer(in.data), C.size_t(len(in.data)), f.c)
	return f.stored(ctx, status, s)
}

// setTogether is set with others' calls.
func (c *Cache) setTogether(ctx context.Context, key string, in slot, s settings) error {
	answer, err := c.writes.join(ctx, c, &batchCall{"set", key, in, s})
	if err == nil {
		answer.release()
	}
	// Without a condition it is missing only where its server, of several, is away, and that is ignored.
	if (err == errIgnored || err == ErrMiss) && !s.isConditional() {
		return nil
	}
	return missing(err)
}

// SetRaw stores bytes exactly as they are; otherwise as Set.
func (c *Cache) SetRaw(ctx context.Context, key string, data []byte, opts ...SetOption) error {
	s := setSettings(opts)
	f, err := c.begin(ctx, s)
	if err != nil {
		return err
	}
	defer f.give()
	status := C.djredis_cache_set_raw(c.handle, text(key), length(key), pointer(data), C.size_t(len(data)), &f.c.call, &f.c.out)
	return f.stored(ctx, status, s)
}

// stored is the answer of a write. Where the server is away and that is ignored, nobody may believe that a condition
// was met.
func (f *frame) stored(ctx context.Context, status C.int32_t, s settings) error {
	ignored, err := f.answer(ctx, status)
	if ignored && s.isConditional() {
		return ErrMiss
	}
	return err
}

func (s settings) isConditional() bool { return s.flags&(abiNx|abiXx) != 0 }

// isContradictory: the library refuses it, and in a trip all others' calls with it.
func (s settings) isContradictory() bool { return s.flags&abiNx != 0 && s.flags&abiXx != 0 }

// canBeGathered: not what is written byte for byte as it was read, and nothing large.
func (in slot) canBeGathered(value any) bool {
	_, lazy := value.(Value)
	return !lazy && len(in.data) <= gatherSize
}

// GetOrSet stores the value of a key where dst points to. Where it is missing, load is called, and what it answers is
// stored as with Add and is the result. Where another caller was faster, its value is the result.
func (c *Cache) GetOrSet(
	ctx context.Context, key string, dst any, load func(context.Context) (any, error), opts ...SetOption,
) error {
	s := setSettings(opts)
	err := c.get(ctx, key, dst, s.ofKey())
	if err != ErrMiss {
		return err
	}
	value, err := load(ctx)
	if err != nil {
		return err
	}
	if err := c.Add(ctx, key, value, opts...); err != nil && err != ErrMiss {
		return err
	} else if err == ErrMiss {
		if err := c.get(ctx, key, dst, s.ofKey()); err != ErrMiss {
			return err
		}
	}
	return assign(key, value, dst)
}

// GetOrSet is Cache.GetOrSet with the value as the result.
func GetOrSet[T any](
	ctx context.Context, c *Cache, key string, load func(context.Context) (T, error), opts ...SetOption,
) (T, error) {
	var value T
	err := c.GetOrSet(ctx, key, &value, func(ctx context.Context) (any, error) { return load(ctx) }, opts...)
	return value, err
}

// assign gives dst the value that was just made.
func assign(key string, value, dst any) error {
	target, made := reflect.ValueOf(dst), reflect.ValueOf(value)
	if target.Kind() == reflect.Pointer && !target.IsNil() {
		target = target.Elem()
		if !made.IsValid() {
			target.SetZero()
			return nil
		}
		if made.Type().AssignableTo(target.Type()) {
			target.Set(made)
			return nil
		}
	}
	return unreadable(named(key), misfit("a %T does not fit the destination %T", value, dst))
}

// Delete removes a key, and tells whether it was there.
func (c *Cache) Delete(ctx context.Context, key string, opts ...CallOption) (bool, error) {
	s := callSettings(opts)
	if !c.writes.tryEnter() {
		if yes, err := c.yesTogether(ctx, &c.writes, &batchCall{"delete", key, nil, s}); err != errAlone {
			return yes, err
		}
	}
	defer c.writes.leave()
	f, err := c.begin(ctx, s)
	if err != nil {
		return false, err
	}
	defer f.give()
	return f.yes(ctx, C.djredis_cache_delete(c.handle, text(key), length(key), &f.c.call, &f.c.out))
}

// Has tells whether a key is there.
func (c *Cache) Has(ctx context.Context, key string, opts ...CallOption) (bool, error) {
	s := callSettings(opts)
	if c.near {
		if yes, err := c.hasNear(ctx, key, s); yes || err != nil {
			return yes, err
		}
	}
	if !c.reads.tryEnter() {
		if yes, err := c.yesTogether(ctx, &c.reads, &batchCall{"has_key", key, nil, s}); err != errAlone {
			return yes, err
		}
	}
	defer c.reads.leave()
	f, err := c.begin(ctx, s)
	if err != nil {
		return false, err
	}
	defer f.give()
	return f.yes(ctx, C.djredis_cache_has_key(c.handle, text(key), length(key), &f.c.call, &f.c.out))
}

// Touch gives a key a new time to live, and tells whether it is there: TTL(d), Forever, or as Options.Timeout says.
func (c *Cache) Touch(ctx context.Context, key string, opts ...SetOption) (bool, error) {
	f, err := c.begin(ctx, setSettings(opts))
	if err != nil {
		return false, err
	}
	defer f.give()
	return f.yes(ctx, C.djredis_cache_touch(c.handle, text(key), length(key), &f.c.call, &f.c.out))
}

// TTL is how long a key still lives, to the millisecond; Infinite if it never expires. ErrMiss: it is not there.
func (c *Cache) TTL(ctx context.Context, key string, opts ...CallOption) (time.Duration, error) {
	f, err := c.begin(ctx, callSettings(opts))
	if err != nil {
		return 0, err
	}
	defer f.give()
	status := C.djredis_cache_ttl(c.handle, text(key), length(key), &f.c.call, &f.c.out)
	ignored, err := f.answer(ctx, status)
	if err != nil {
		return 0, err
	}
	if ignored {
		return 0, ErrMiss
	}
	millis := int64(f.c.out.integer)
	if f.c.out._type == abiNone || millis > int64(Infinite/time.Millisecond) {
		return Infinite, nil
	}
	return time.Duration(millis) * time.Millisecond, nil
}

// Incr adds to a number in one step on the server, and answers the sum. Its time to live stays. ErrNotFound: the key is
// not there. ErrType: it is no number. ErrDecode: the sum is more than an int64 holds; it was added all the same, and
// IncrValue gives such sums.
func (c *Cache) Incr(ctx context.Context, key string, delta int64, opts ...CallOption) (int64, error) {
	value, err := c.IncrValue(ctx, key, delta, opts...)
	if err != nil || value.IsNone() {
		return 0, err
	}
	if value.kind == KindFloat {
		return 0, unreadable(named(key), misfit("the sum is a float; use IncrValue"))
	}
	sum, err := value.Int()
	if err != nil {
		return 0, unreadable(named(key), misfit("the sum has more than 64 bits; use IncrValue"))
	}
	return sum, nil
}

// IncrValue is Incr for any number: the sum is a KindInt, a KindBigInt, or a KindFloat where a float was stored. It is
// None only where Options.IgnoreExceptions covers a failure.
func (c *Cache) IncrValue(ctx context.Context, key string, delta int64, opts ...CallOption) (Value, error) {
	s := callSettings(opts)
	if !c.writes.tryEnter() {
		if sum, err := c.incrTogether(ctx, key, delta, s); err != errAlone {
			return sum, err
		}
	}
	defer c.writes.leave()
	f, err := c.begin(ctx, s)
	if err != nil {
		return Value{}, err
	}
	defer f.give()
	status := C.djredis_cache_incr(c.handle, text(key), length(key), C.int64_t(delta), &f.c.call, &f.c.out)
	return f.number(ctx, key, status)
}

// incrTogether is IncrValue with others' calls.
func (c *Cache) incrTogether(ctx context.Context, key string, delta int64, s settings) (Value, error) {
	answer, err := c.writes.join(ctx, c, &batchCall{"incr", key, delta, s})
	if err == errIgnored {
		return Value{}, nil
	}
	if err != nil {
		return Value{}, err
	}
	defer answer.release()
	sum, err := answer.value()
	return sum.clone(), err
}

// number is the answer of a counter.
func (f *frame) number(ctx context.Context, key string, status C.int32_t) (Value, error) {
	ignored, err := f.answer(ctx, status)
	if ignored || err != nil {
		return Value{}, err
	}
	value, err := f.value()
	if err != nil {
		return Value{}, unreadable(named(key), err)
	}
	return value.clone(), nil
}

// IncrVersion moves a key to the version that is delta higher, and answers that version. Its time to live stays.
// ErrNotFound: the key is not there.
func (c *Cache) IncrVersion(ctx context.Context, key string, delta int64, opts ...CallOption) (int64, error) {
	f, err := c.begin(ctx, callSettings(opts))
	if err != nil {
		return 0, err
	}
	defer f.give()
	status := C.djredis_cache_incr_version(c.handle, text(key), length(key), C.int64_t(delta), &f.c.call, &f.c.out)
	value, err := f.number(ctx, key, status)
	return value.number, err
}

// Move moves a value with its time to live to another key, over what stands there. ErrNotFound: the key is not there.
func (c *Cache) Move(ctx context.Context, key, to string, opts ...CallOption) error {
	f, err := c.begin(ctx, callSettings(opts))
	if err != nil {
		return err
	}
	defer f.give()
	_, err = f.answer(ctx, C.djredis_cache_move(c.handle, text(key), length(key), text(to), length(to), &f.c.call, &f.c.out))
	return err
}
