package djredis

import (
	"bytes"
	"encoding"
	"math/big"
	"reflect"
	"strconv"
)

// Serializer turns values into the bytes that a cache stores, and back, in place of the library's own serializers: see
// Options.Serializer. Any number of goroutines call it at once. A panic of it is the caller's, as in encoding/json.
type Serializer interface {
	// Marshal gives what is stored for a value: anything but the decimal digits of an integer, which would be read as one.
	Marshal(v any) ([]byte, error)
	// Unmarshal stores the value of what Marshal gave where v points to, the destination of a Get say. It must not change
	// data, and has to copy what it keeps of it.
	Unmarshal(data []byte, v any) error
}

// NewSerializer makes a Serializer of two functions: NewSerializer(json.Marshal, json.Unmarshal).
func NewSerializer(marshal func(v any) ([]byte, error), unmarshal func(data []byte, v any) error) Serializer {
	return functions{marshal, unmarshal}
}

// checkSerializer: the location may choose one as well.
func (c *Cache) checkSerializer() error {
	if c.serializer == nil {
		return nil
	}
	name, err := c.Option("SERIALIZER")
	if err == nil && name != rawSerializer {
		err = twoSerializers("the location sets SERIALIZER to " + name)
	}
	return err
}

// rawSerializer is the option SERIALIZER of a cache whose values the program serializes.
const rawSerializer = "raw"

func twoSerializers(why string) error {
	return &Error{
		Status: ErrConfig, Retryable: true, Message: "Options.Serializer is set, and " + why + ": leave one of them out",
	}
}

type functions struct {
	marshal   func(any) ([]byte, error)
	unmarshal func([]byte, any) error
}

func (f functions) Marshal(v any) ([]byte, error)      { return f.marshal(v) }
func (f functions) Unmarshal(data []byte, v any) error { return f.unmarshal(data, v) }

// reading is how a read is made, and what its values are decoded by: nil for this package itself, and for a caller that
// asks for payloads.
func (c *Cache) reading(s settings) (settings, Serializer) {
	if c.serializer == nil || s.flags&abiAsPayload != 0 {
		return s, nil
	}
	s.flags |= abiAsPayload
	return s, c.serializer
}

// serializedBy is a copy of a value that the serializer decodes. The library gives payloads as bytes where it is not asked.
func (v Value) serializedBy(serializer Serializer) Value {
	v = v.clone()
	if v.kind == KindBytes {
		v.kind, v.number = KindPayload, int64(Raw)
	}
	v.serializer = serializer
	return v
}

// slotOf makes the slot of any Go value, as this cache stores it.
func (c *Cache) slotOf(v any) (slot, error) {
	if c.serializer == nil {
		return slotOf(v)
	}
	switch v := v.(type) {
	case int, int64, int32, big.Int, Opaque, Payload:
		return slotOf(v)
	case Value:
		return c.slotOfValue(v)
	case *Value:
		if v != nil {
			return c.slotOfValue(*v)
		}
	}
	number := pointedTo(reflect.ValueOf(v))
	if isInteger(number) {
		return integerSlot(number)
	}
	data, err := c.serializer.Marshal(v)
	if err != nil {
		return slot{}, &valueError{reason: "the serializer's Marshal: " + err.Error(), cause: err}
	}
	if number.IsValid() && isReal(number.Kind()) && isDigits(data) {
		// 3.0 is "3" in JSON. Its type is a number's, so it may come back as one.
		return slot{slotType: abiBigint, data: data}, nil
	}
	return slot{slotType: abiPayload, flags: uint32(Raw), data: data}, nil
}

// slotOfValue: what was read is written as it was; a Value of another cache becomes one of this.
func (c *Cache) slotOfValue(v Value) (slot, error) {
	switch v.kind {
	case KindInt, KindBigInt, KindPayload, KindOpaque:
		return slotOfValue(v), nil
	}
	found, err := v.Any()
	if err != nil {
		return slot{}, err
	}
	return c.slotOf(found)
}

// pointedTo follows pointers. It is not valid where there is a nil.
func pointedTo(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	return v
}

// isInteger: it is stored as digits, which no serializer sees.
func isInteger(v reflect.Value) bool {
	if !v.IsValid() {
		return false
	}
	return v.Type() == bigIntType || isPlainNumber(v.Type()) && (v.CanInt() || v.CanUint())
}

func integerSlot(v reflect.Value) (slot, error) {
	if v.CanInt() {
		return slot{slotType: abiInt, integer: v.Int()}, nil
	}
	if v.CanUint() {
		return encodedSlot(v.Uint())
	}
	return encodedSlot(v.Interface())
}

// isReal: an integer or a float.
func isReal(kind reflect.Kind) bool { return kind >= reflect.Int && kind <= reflect.Float64 }

// isPlainNumber: a number whose type does not say by itself how it is serialized.
func isPlainNumber(t reflect.Type) bool {
	if !isReal(t.Kind()) {
		return false
	}
	for _, marshaler := range marshalers {
		if t.PkgPath() != "" && reflect.PointerTo(t).Implements(marshaler) {
			return false
		}
	}
	return true
}

type jsonMarshaler interface{ MarshalJSON() ([]byte, error) }

var (
	bigIntType = reflect.TypeOf(big.Int{})
	marshalers = []reflect.Type{
		textMarshalerType, reflect.TypeOf((*encoding.BinaryMarshaler)(nil)).Elem(), reflect.TypeOf((*jsonMarshaler)(nil)).Elem(),
	}
)

// isDigits: the library takes these bytes for an integer.
func isDigits(data []byte) bool {
	if len(data) > 1 && data[0] == '-' && data[1] != '0' {
		data = data[1:]
	}
	if len(data) == 0 || data[0] == '0' && len(data) > 1 {
		return false
	}
	for _, digit := range data {
		if digit < '0' || digit > '9' {
			return false
		}
	}
	return true
}

// unserialize stores a value that the serializer wrote, or an integer, where dst points to.
func (v Value) unserialize(dst any) error {
	to := reflect.ValueOf(dst)
	if to.Kind() != reflect.Pointer || to.IsNil() {
		return errNoPointer(dst)
	}
	if payload, ok := dst.(*Payload); ok && v.kind == KindPayload {
		*payload = Payload{Format(v.number), bytes.Clone(v.data)}
		return nil
	}
	data := v.data
	if v.kind != KindPayload {
		if handled, err := v.intoNumber(to.Elem()); handled {
			return err
		}
		if v.kind == KindInt {
			data = strconv.AppendInt(nil, v.number, 10)
		}
	}
	if err := v.serializer.Unmarshal(data, dst); err != nil {
		return &valueError{reason: "the serializer's Unmarshal: " + err.Error(), cause: err, stored: append([]byte{}, data...)}
	}
	return nil
}

// intoNumber stores an integer without the serializer, where Go's type is a number, or left open.
func (v Value) intoNumber(to reflect.Value) (handled bool, err error) {
	of := to.Type()
	for of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	made, t := reflect.New(of).Elem(), v.token()
	switch {
	case of == bigIntType:
		err = intoBigInt(t, made.Addr().Interface().(*big.Int))
	case of.Kind() == reflect.Interface:
		err = new(decoder).intoInterface(t, &reader{}, made)
	case !isPlainNumber(of):
		return false, nil
	case made.CanFloat():
		if intoFloat(t, made) != nil {
			return false, nil // the serializer may round: 1 << 60 is 1152921504606847000 in JSON
		}
	default:
		err = intoInteger(t, made)
	}
	if err != nil {
		return true, err
	}
	for ; to.Kind() == reflect.Pointer; to = to.Elem() {
		to.Set(reflect.New(to.Type().Elem()))
	}
	to.Set(made)
	return true, nil
}
