package djredis

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"math"
)

// Batch collects calls that Cache.Run sends together, in one round trip. The zero Batch is empty. It is no transaction:
// for that there is Conn.Multi.
type Batch struct {
	calls []batchCall
}

type batchCall struct {
	op, key string
	payload any
	settings
}

// Result is what one call of a batch ended with: the Value of Get, TTL (milliseconds, None for ever) and Incr, None for the
// others; or the error, ErrMiss included.
type Result struct {
	// Value is the answer, where Err is nil.
	Value Value
	// Err is what the call by itself would have answered.
	Err error
}

func (b *Batch) add(op, key string, payload any, s settings) {
	b.calls = append(b.calls, batchCall{op, key, payload, s})
}

// Len tells how many calls there are.
func (b *Batch) Len() int { return len(b.calls) }

// Get adds a Cache.Get.
func (b *Batch) Get(key string, opts ...GetOption) { b.add("get", key, nil, getSettings(opts)) }

// GetRaw adds a Cache.GetRaw.
func (b *Batch) GetRaw(key string, opts ...CallOption) {
	b.add("get_raw", key, nil, callSettings(opts))
}

// Set adds a Cache.Set. A Value with records is encoded anew.
func (b *Batch) Set(key string, value any, opts ...SetOption) {
	b.add("set", key, value, setSettings(opts))
}

// Delete adds a Cache.Delete.
func (b *Batch) Delete(key string, opts ...CallOption) { b.add("delete", key, nil, callSettings(opts)) }

// Has adds a Cache.Has.
func (b *Batch) Has(key string, opts ...CallOption) { b.add("has_key", key, nil, callSettings(opts)) }

// Touch adds a Cache.Touch.
func (b *Batch) Touch(key string, opts ...SetOption) { b.add("touch", key, nil, setSettings(opts)) }

// TTL adds a Cache.TTL.
func (b *Batch) TTL(key string, opts ...CallOption) { b.add("ttl", key, nil, callSettings(opts)) }

// Incr adds a Cache.IncrValue.
func (b *Batch) Incr(key string, delta int64, opts ...CallOption) {
	b.add("incr", key, delta, callSettings(opts))
}

// encode writes what djredis_cache_batch takes.
func (b *Batch) encode(c *Cache) ([]byte, error) {
	var e encoder
	e.header(KindList, len(b.calls))
	for _, call := range b.calls {
		call, err := c.ready(call)
		if err == nil {
			err = e.call(call)
		}
		if err != nil {
			return nil, unwritable(named(call.key), err)
		}
	}
	return e.buf, nil
}

// ready is a call as this cache makes it.
func (c *Cache) ready(call batchCall) (batchCall, error) {
	var err error
	switch call.op {
	case "get":
		call.settings, _ = c.reading(call.settings)
	case "set":
		if c.serializer != nil || isPayload(call.payload) {
			call.payload, err = c.slotOf(call.payload)
		}
	}
	return call, err
}

func isPayload(v any) bool {
	if value, ok := v.(Value); ok {
		return value.kind == KindPayload
	}
	_, ok := v.(Payload)
	return ok
}

// call writes one call of a batch.
func (e *encoder) call(call batchCall) error {
	e.header(KindList, 6)
	if in, ok := call.payload.(slot); ok && in.slotType == abiPayload {
		call.op = "set_payload"
	}
	if err := e.text(call.op); err != nil {
		return err
	}
	if e.text(call.key) != nil {
		e.bytes([]byte(call.key))
	}
	if err := e.batchPayload(call.payload); err != nil {
		return err
	}
	e.int(int64(call.flags))
	e.int(call.version)
	e.int(call.ttlMillis)
	return nil
}

// batchPayload writes a value where there is no slot that could hold stored bytes.
func (e *encoder) batchPayload(v any) error {
	switch v := v.(type) {
	case Opaque:
		return e.leaf(KindOpaque, v)
	case Value:
		if v.kind == KindOpaque {
			return e.leaf(KindOpaque, v.data)
		}
	case slot:
		return e.slot(v)
	}
	return e.value(v)
}

// slot writes a value that was put into a slot before.
func (e *encoder) slot(in slot) error {
	switch in.slotType {
	case abiMsgpack:
		e.buf = append(e.buf, in.data...)
		return nil
	case abiOpaque:
		return e.leaf(KindOpaque, in.data)
	case abiPayload:
		e.header(KindList, 2)
		e.int(int64(in.flags))
		e.bytes(in.data)
		return nil
	}
	number := in.integer
	if in.slotType == abiFloat {
		number = int64(math.Float64bits(in.real))
	}
	value, err := valueOf(in.slotType, in.flags, number, in.data)
	if err == nil {
		err = e.lazy(value)
	}
	return err
}

// Run sends a batch, and gives a Result for each of its calls, in order. Its error means that there are none. Where
// Options.IgnoreExceptions covers a failure, every result is ErrMiss.
func (c *Cache) Run(ctx context.Context, batch *Batch) ([]Result, error) {
	packed, err := batch.encode(c)
	if err != nil {
		return nil, err
	}
	f, err := c.begin(ctx, settings{})
	if err != nil {
		return nil, err
	}
	defer f.give()
	ignored, err := f.answer(ctx, C.djredis_cache_batch(c.handle, pointer(packed), C.size_t(len(packed)), &f.c.call, &f.c.out))
	if err != nil {
		return nil, err
	}
	if ignored {
		results := make([]Result, batch.Len())
		for i := range results {
			results[i].Err = ErrMiss
		}
		return results, nil
	}
	results := f.results()
	for i, call := range batch.calls {
		if call.op == "get" && results[i].Err == nil {
			_, results[i].Value.serializer = c.reading(call.settings)
		}
	}
	return results, nil
}
