package djredis

/*
#include "shim.h"
*/
import "C"

import (
	"bytes"
	"context"
	"math"
	"unicode/utf8"
	"unsafe"
)

// bytes are those of the answer. They are C's: valid until the frame's next call, or its return.
func (f *frame) bytes() []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(f.c.out.data)), int(f.c.out.len))
}

// value is the answer. Its bytes are C's.
func (f *frame) value() (Value, error) {
	out := &f.c.out
	var data []byte
	if out.len > 0 {
		data = f.bytes()
	}
	number := int64(out.integer)
	if out._type == abiFloat {
		number = int64(math.Float64bits(float64(out.real)))
	}
	return valueOf(int32(out._type), uint32(out.flags), number, data)
}

// valueOf is the value of a slot or an item; number has the bits of a float.
func valueOf(slotType int32, flags uint32, number int64, data []byte) (Value, error) {
	switch slotType {
	case abiNone:
		return Value{}, nil
	case abiBool:
		return Value{kind: KindBool, number: number}, nil
	case abiInt:
		return Value{kind: KindInt, number: number}, nil
	case abiFloat:
		return Value{kind: KindFloat, number: number}, nil
	case abiBytes:
		return Value{kind: KindBytes, data: data}, nil
	case abiText:
		return Value{kind: KindText, data: data}, nil
	case abiBigint:
		return Value{kind: KindBigInt, data: data}, nil
	case abiOpaque:
		return Value{kind: KindOpaque, data: data}, nil
	case abiPayload:
		return Value{kind: KindPayload, number: int64(flags), data: data}, nil
	case abiMsgpack:
		return compositeOf(flags, data)
	}
	return Value{}, misfit("the library gave a value of type %d, which this package does not know", slotType)
}

// In the flags of a MSGPACK slot; else they are the number of an extension.
const (
	flagsList = 0
	flagsMap  = 255
)

func compositeOf(flags uint32, data []byte) (Value, error) {
	switch flags {
	case flagsList:
		return Value{kind: KindList, data: data}, nil
	case flagsMap:
		return Value{kind: KindMap, data: data}, nil
	}
	kind, ok := kindOfType(int8(flags))
	if !ok || flags > math.MaxInt8 {
		return Value{}, misfit("the library gave a value of extension %d, which this package does not know", flags)
	}
	return Value{kind: kind, data: data}, nil
}

// fail is the error in the slot.
func (f *frame) fail(ctx context.Context, status C.int32_t) error {
	out := &f.c.out
	err := &Error{
		Status:    Status(status),
		Message:   C.GoStringN((*C.char)(unsafe.Pointer(out.data)), C.int(out.len)),
		Retryable: out.flags&abiNotSent != 0,
		Away:      out.flags&abiAway != 0,
		maybeSent: out.flags&abiMaybeSent != 0,
	}
	if status == C.DJREDIS_ERR_DECODE && out.integer > 0 {
		err.Stored = C.GoBytes(unsafe.Add(unsafe.Pointer(out.data), uintptr(out.len)), C.int(out.integer))
	}
	if err.Timeout() {
		err.cause = ctx.Err()
		if err.cause == nil && f.byContext {
			// The library's clock was faster than the context's timer.
			err.cause = context.DeadlineExceeded
		}
	}
	return err
}

// rows is how many there are in the list in the slot.
func (f *frame) rows() int { return int(f.c.out.integer) }

func (f *frame) row(i int) *C.djredis_item {
	return (*C.djredis_item)(unsafe.Add(unsafe.Pointer(f.c.out.data), i*C.sizeof_djredis_item))
}

// result is a row of the list in the slot: ErrMiss where the key is not there. Its bytes are C's.
func (f *frame) result(i int) Result { return f.resultIn(f.bytes(), i) }

// resultIn is a row whose bytes are those of a copy of the list.
func (f *frame) resultIn(content []byte, i int) Result {
	row := f.row(i)
	end := row.offset + row.len
	return resultOf(row, content[row.offset:end:end])
}

// results copies the list in the slot; the values share one copy of its bytes.
func (f *frame) results() []Result {
	content := bytes.Clone(f.bytes())
	results := make([]Result, f.rows())
	for i := range results {
		results[i] = f.resultIn(content, i)
	}
	return results
}

// rowError is why a row has no value: ErrMiss, or an error. nil if it has one.
func (f *frame) rowError(i int) error {
	switch f.row(i)._type {
	case abiMissing, abiError:
		return f.result(i).Err
	}
	return nil
}

func resultOf(row *C.djredis_item, data []byte) Result {
	switch row._type {
	case abiMissing:
		return Result{Err: ErrMiss}
	case abiError:
		return Result{Err: &Error{
			Status: Status(row.integer), Message: string(data),
			Retryable: row.flags&abiNotSent != 0, Away: row.flags&abiAway != 0, maybeSent: row.flags&abiMaybeSent != 0,
		}}
	}
	value, err := valueOf(int32(row._type), uint32(row.flags), int64(row.integer), data)
	return Result{value, err}
}

// slot is a value as it goes into the library.
type slot struct {
	slotType int32
	flags    uint32
	integer  int64
	real     float64
	data     []byte
}

// slotOf makes the slot of any Go value.
func slotOf(v any) (slot, error) {
	switch v := v.(type) {
	case nil:
		return slot{slotType: abiNone}, nil
	case bool:
		return slot{slotType: abiBool, integer: boolValue(v).number}, nil
	case int:
		return slot{slotType: abiInt, integer: int64(v)}, nil
	case int64:
		return slot{slotType: abiInt, integer: v}, nil
	case int32:
		return slot{slotType: abiInt, integer: int64(v)}, nil
	case float64:
		return slot{slotType: abiFloat, real: v}, nil
	case string:
		if !utf8.ValidString(v) {
			return slot{}, errNoText
		}
		return slot{slotType: abiText, data: unsafe.Slice(unsafe.StringData(v), len(v))}, nil
	case []byte:
		if v != nil {
			return slot{slotType: abiBytes, data: v}, nil
		}
	case Opaque:
		return slot{slotType: abiOpaque, data: v}, nil
	case Payload:
		return slot{slotType: abiPayload, flags: uint32(v.Format), data: v.Data}, nil
	case Value:
		return slotOfValue(v), nil
	}
	return encodedSlot(v)
}

// encodedSlot writes v as MessagePack, and takes what is a scalar out of it again.
func encodedSlot(v any) (slot, error) {
	e := encoder{buf: make([]byte, 0, usualSize)}
	if err := e.value(v); err != nil {
		return slot{}, err
	}
	r := reader{e.buf}
	t, err := r.next()
	if t.kind.isComposite() {
		t.data = e.buf
	}
	return slotOfValue(t.value()), err
}

// usualSize is what most values fit in, so that the buffer need not grow.
const usualSize = 256

func slotOfValue(v Value) slot {
	switch v.kind {
	case KindNone:
		return slot{slotType: abiNone}
	case KindBool:
		return slot{slotType: abiBool, integer: v.number}
	case KindInt:
		return slot{slotType: abiInt, integer: v.number}
	case KindFloat:
		return slot{slotType: abiFloat, real: math.Float64frombits(uint64(v.number))}
	case KindText:
		return slot{slotType: abiText, data: v.data}
	case KindBytes:
		return slot{slotType: abiBytes, data: v.data}
	case KindBigInt:
		return slot{slotType: abiBigint, data: v.data}
	case KindOpaque:
		return slot{slotType: abiOpaque, data: v.data}
	case KindPayload:
		return slot{slotType: abiPayload, flags: uint32(v.number), data: v.data}
	case KindList:
		return slot{slotType: abiMsgpack, flags: flagsList, data: v.data}
	case KindMap:
		return slot{slotType: abiMsgpack, flags: flagsMap, data: v.data}
	}
	return slot{slotType: abiMsgpack, flags: uint32(extensionOf[v.kind]), data: v.data}
}
