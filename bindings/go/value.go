package djredis

import (
	"bytes"
	"math/big"
	"reflect"
)

// Value is a cached value that is decoded only when it is asked for. Given to Set it is written back as it was: even
// the fields of classes that Go knows nothing of survive, byte for byte. The zero Value is None. With Options.Serializer it
// is a KindPayload, or an integer, and Decode, Any, Text and their like use the serializer.
type Value struct {
	kind   Kind
	number int64  // bool, int; the bits of a float; the format of a payload
	data   []byte // text, bytes, digits, stored bytes; else one value as MessagePack, perhaps with its stored bytes after it
	// serializer is what decodes a payload or an integer of a cache that has one.
	serializer Serializer
}

// Entry is one key of a map with its value.
type Entry[T any] struct{ Key, Value T }

// ParseValue reads one value in the MessagePack of docs/values.md.
func ParseValue(messagePack []byte) (Value, error) {
	r := reader{messagePack}
	v, err := r.value()
	if err == nil && len(r.data) > 0 {
		err = misfit("%d bytes follow the value", len(r.data))
	}
	if err != nil {
		return Value{}, unreadable("the MessagePack", err)
	}
	return v.clone(), nil
}

// ValueOf is a Go value as Set would store it.
func ValueOf(v any) (Value, error) {
	if payload, ok := v.(Payload); ok {
		return Value{kind: KindPayload, number: int64(payload.Format), data: bytes.Clone(payload.Data)}, nil
	}
	if opaque, ok := v.(Opaque); ok {
		return Value{kind: KindOpaque, data: bytes.Clone(opaque)}, nil
	}
	var e encoder
	if err := e.value(v); err != nil {
		return Value{}, unwritable("the value", err)
	}
	return (&reader{e.buf}).value()
}

// MessagePack is the value in the MessagePack of docs/values.md.
func (v Value) MessagePack() ([]byte, error) {
	var e encoder
	if err := e.value(v); err != nil {
		return nil, unwritable("the value", err)
	}
	return e.buf, nil
}

// Kind says what the value is.
func (v Value) Kind() Kind { return v.kind }

// IsNone tells whether it is Python's None.
func (v Value) IsNone() bool { return v.kind == KindNone }

// Decode stores the value where dst points to, as Cache.Get does.
func (v Value) Decode(dst any) error {
	if err := decode(v, dst); err != nil {
		return unreadable("the "+v.kind.String(), err)
	}
	return nil
}

// Any is the value as the Go type that fits it by itself; see the package's table.
func (v Value) Any() (any, error) {
	var found any
	err := v.Decode(&found)
	return found, err
}

// Bool is a bool.
func (v Value) Bool() (bool, error) { return valueAs[bool](v) }

// Int is an integer of 64 bits.
func (v Value) Int() (int64, error) {
	if v.kind == KindInt {
		return v.number, nil
	}
	return valueAs[int64](v)
}

// BigInt is an integer of any width.
func (v Value) BigInt() (*big.Int, error) { return valueAs[*big.Int](v) }

// Float is a float, or an integer that a float64 holds exactly.
func (v Value) Float() (float64, error) { return valueAs[float64](v) }

// Text is a text.
func (v Value) Text() (string, error) {
	if v.kind == KindText {
		return string(v.data), nil
	}
	return valueAs[string](v)
}

// Bytes is a copy of bytes or a bytearray.
func (v Value) Bytes() ([]byte, error) { return valueAs[[]byte](v) }

func valueAs[T any](v Value) (T, error) {
	var found T
	err := v.Decode(&found)
	return found, err
}

// Raw is a copy of the bytes of an opaque value, a payload or any extension, as they stand in docs/values.md.
func (v Value) Raw() []byte {
	if !v.kind.isComposite() {
		return bytes.Clone(v.data)
	}
	t, _, err := v.open()
	if err != nil {
		return nil
	}
	return bytes.Clone(t.data)
}

// Extension is the number of the MessagePack extension that stands for the value's kind, or 0.
func (v Value) Extension() int { return int(extensionOf[v.kind]) }

// Len tells how many elements, or entries, it has; 0 for what has none.
func (v Value) Len() int {
	t, _, err := v.elements()
	if err != nil {
		return 0
	}
	return int(t.number)
}

// Items are the elements of a list, tuple, set, frozenset, deque or range.
func (v Value) Items() ([]Value, error) {
	t, r, err := v.elements()
	if err == nil && t.kind != KindList {
		err = misfit("it has no elements")
	}
	var items []Value
	for i := int64(0); err == nil && i < t.number; i++ {
		var item Value
		item, err = r.value()
		items = append(items, item)
	}
	if err != nil {
		return nil, unreadable("the "+v.kind.String(), err)
	}
	return items, nil
}

// Entries are the keys and values of a map, an OrderedDict, a defaultdict, a Counter or a record, in order.
func (v Value) Entries() ([]Entry[Value], error) {
	t, r, err := v.elements()
	if err == nil && t.kind != KindMap {
		err = misfit("it has no entries")
	}
	var entries []Entry[Value]
	for i := int64(0); err == nil && i < t.number; i++ {
		var entry Entry[Value]
		if entry.Key, err = r.value(); err == nil {
			entry.Value, err = r.value()
		}
		entries = append(entries, entry)
	}
	if err != nil {
		return nil, unreadable("the "+v.kind.String(), err)
	}
	return entries, nil
}

// Field is the value under a text key of a map, or of the fields (the state) of a record. ErrMiss: there is none.
func (v Value) Field(name string) (Value, error) {
	found, ok, err := v.lookup(name)
	if err == nil && v.kind == KindRecord {
		if found, ok, err = v.lookup("state"); ok && found.kind.isMap() {
			return found.Field(name)
		}
		ok = false
	}
	if err != nil {
		return Value{}, unreadable("the "+v.kind.String(), err)
	}
	if !ok {
		return Value{}, ErrMiss
	}
	return found, nil
}

// Equal tells whether both are the same value, in the same order.
func (v Value) Equal(other Value) bool {
	return v.kind == other.kind && v.number == other.number && bytes.Equal(v.data, other.data)
}

func (v Value) clone() Value {
	v.data = bytes.Clone(v.data)
	return v
}

func (v Value) lookup(name string) (Value, bool, error) {
	t, r, err := v.elements()
	if err != nil || t.kind != KindMap {
		return Value{}, false, err
	}
	for i := int64(0); i < t.number; i++ {
		key, err := r.next()
		if err == nil && key.kind == KindText && string(key.data) == name {
			found, err := r.value()
			return found, err == nil, err
		}
		if err == nil {
			err = r.skip(key.follow() + 1)
		}
		if err != nil {
			return Value{}, false, err
		}
	}
	return Value{}, false, nil
}

// open gives the value's first token, and the reader behind it.
func (v Value) open() (token, *reader, error) {
	if !v.kind.isComposite() {
		return v.token(), &reader{}, nil
	}
	r := &reader{v.data}
	t, err := r.next()
	return t, r, err
}

// elements gives the array or map in the value, and the reader before its elements.
func (v Value) elements() (token, *reader, error) {
	t, r, err := v.open()
	if err != nil || !(t.kind.isArray() || t.kind.isMap()) {
		return token{}, nil, err
	}
	return r.container(t)
}

// value reads one whole value; its bytes are not copied.
func (r *reader) value() (Value, error) {
	start := r.data
	t, err := r.next()
	if err == nil {
		err = r.skip(t.follow())
	}
	if err != nil {
		return Value{}, err
	}
	if t.kind.isComposite() {
		return Value{kind: t.kind, data: start[:len(start)-len(r.data)]}, nil
	}
	return t.value(), nil
}

// value is that of a token with nothing behind it.
func (t token) value() Value { return Value{kind: t.kind, number: t.number, data: t.data} }

func (v Value) token() token { return token{v.kind, v.number, v.data} }

func boolValue(b bool) Value {
	v := Value{kind: KindBool}
	if b {
		v.number = 1
	}
	return v
}

var valueType = reflect.TypeOf(Value{})
