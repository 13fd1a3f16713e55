package djredis

import (
	"encoding"
	"math/big"
	"reflect"
	"slices"
	"strings"
)

// isLeafStruct: a struct that is one value, not a map of its fields.
func isLeafStruct(t reflect.Type) bool {
	var e encoder
	zero := reflect.Zero(t).Interface()
	switch zero.(type) {
	case Value, big.Int, big.Rat, Range, Payload, Error:
		return true
	}
	for _, write := range []func(any) (bool, error){e.leafType, e.time, e.container} {
		if handled, _ := write(zero); handled {
			return true
		}
	}
	return false
}

// element writes a part of a value. Plain scalars are written without an interface around them, which would cost an
// allocation each.
func (e *encoder) element(v reflect.Value) error {
	if v.Type().PkgPath() == "" && isScalar(v.Kind()) {
		return e.scalar(v)
	}
	return e.value(v.Interface())
}

func isScalar(kind reflect.Kind) bool {
	return kind >= reflect.Bool && kind <= reflect.Complex128 || kind == reflect.String
}

// reflected writes a value of a type that only the program knows.
func (e *encoder) reflected(v reflect.Value) error {
	if isUUID(v.Type()) {
		return e.leaf(KindUUID, bytesOf(v))
	}
	if v.Kind() != reflect.Pointer {
		if text := textMarshalerOf(v); text != nil {
			return e.marshaled(text)
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		return e.pointed(v)
	case reflect.Slice, reflect.Array:
		return e.reflectedSlice(v)
	case reflect.Map:
		return e.reflectedMap(v)
	case reflect.Struct:
		return e.reflectedStruct(v)
	}
	return e.scalar(v)
}

func (e *encoder) scalar(v reflect.Value) error {
	switch kind := v.Kind(); {
	case kind == reflect.Bool:
		e.bool(v.Bool())
	case kind == reflect.String:
		return e.text(v.String())
	case v.CanInt():
		e.int(v.Int())
	case v.CanUint():
		e.uint(v.Uint())
	case v.CanFloat():
		e.float(v.Float())
	case v.CanComplex():
		return e.complex(v.Complex())
	default:
		return misfit("the Go type %s has nothing alike in Python", v.Type())
	}
	return nil
}

// isUUID: the packages that make UUIDs all have the same type.
func isUUID(t reflect.Type) bool {
	return t.Kind() == reflect.Array && t.Len() == len(UUID{}) && t.Elem().Kind() == reflect.Uint8 && t.Name() == "UUID"
}

// bytesOf copies a slice or array of bytes.
func bytesOf(v reflect.Value) []byte {
	raw := make([]byte, v.Len())
	reflect.Copy(reflect.ValueOf(raw), v)
	return raw
}

var textMarshalerType = reflect.TypeOf((*encoding.TextMarshaler)(nil)).Elem()

// textMarshalerOf is the value as a text marshaler, or nil if neither it nor a pointer to it is one.
func textMarshalerOf(v reflect.Value) encoding.TextMarshaler {
	if v.Type().PkgPath() == "" && v.Kind() != reflect.Struct {
		return nil // only named types, and structs that embed such, have methods
	}
	if text, ok := v.Interface().(encoding.TextMarshaler); ok {
		return text
	}
	pointer := reflect.PointerTo(v.Type())
	if !pointer.Implements(textMarshalerType) {
		return nil
	}
	made := reflect.New(v.Type())
	made.Elem().Set(v)
	return made.Interface().(encoding.TextMarshaler)
}

func (e *encoder) marshaled(value encoding.TextMarshaler) error {
	text, err := value.MarshalText()
	if err != nil {
		return &valueError{reason: "MarshalText of the Go type " + reflect.TypeOf(value).String() + ": " + err.Error(), cause: err}
	}
	return e.text(string(text))
}

func (e *encoder) pointed(v reflect.Value) error {
	if v.IsNil() {
		return e.value(nil)
	}
	if err := e.enter(visit{v.UnsafePointer(), 0, v.Type()}); err != nil {
		return err
	}
	err := e.element(v.Elem())
	e.leave()
	return err
}

func (e *encoder) reflectedSlice(v reflect.Value) error {
	opened := visit{of: v.Type()}
	if v.Kind() == reflect.Slice {
		if v.IsNil() {
			return e.value(nil)
		}
		opened.at, opened.length = v.UnsafePointer(), v.Len()
	}
	if v.Type().Elem().Kind() == reflect.Uint8 {
		e.bytes(bytesOf(v))
		return nil
	}
	if err := e.enter(opened); err != nil {
		return err
	}
	e.header(KindList, v.Len())
	for i := 0; i < v.Len(); i++ {
		if err := e.element(v.Index(i)); err != nil {
			return within(err, index(i))
		}
	}
	e.leave()
	return nil
}

// reflectedMap writes a dict; a set where the elements are struct{}.
func (e *encoder) reflectedMap(v reflect.Value) error {
	if v.IsNil() {
		return e.value(nil)
	}
	if err := e.enter(visit{v.UnsafePointer(), 0, v.Type()}); err != nil {
		return err
	}
	write := func() error { return e.pairs(v) }
	err := error(nil)
	if v.Type().Elem() == emptyStruct {
		err = e.wrapped(KindSet, write)
	} else {
		err = write()
	}
	e.leave()
	return err
}

// pairs writes the entries of a map, or the keys alone of a set. Keys that are texts are sorted.
func (e *encoder) pairs(v reflect.Value) error {
	isSet := v.Type().Elem() == emptyStruct
	type pair struct{ key, value reflect.Value }
	pairs := make([]pair, 0, v.Len())
	for entries := v.MapRange(); entries.Next(); {
		pairs = append(pairs, pair{entries.Key(), entries.Value()})
	}
	if v.Type().Key().Kind() == reflect.String {
		slices.SortFunc(pairs, func(a, b pair) int { return strings.Compare(a.key.String(), b.key.String()) })
	}
	kind := KindMap
	if isSet {
		kind = KindList
	}
	e.header(kind, len(pairs))
	for _, pair := range pairs {
		if err := e.element(pair.key); err != nil {
			return within(err, ".key")
		}
		if isSet {
			continue
		}
		if err := e.element(pair.value); err != nil {
			return within(err, keyStep(pair.key.Interface()))
		}
	}
	return nil
}

func (e *encoder) reflectedStruct(v reflect.Value) error {
	if err := e.enter(visit{of: v.Type()}); err != nil {
		return err
	}
	known := fieldsOf(v.Type())
	if known.allHidden {
		return misfit("the Go type %s has no exported fields; give it MarshalText, or store a value made from it", v.Type())
	}
	// How many are omitted is known only at the end: then the header, which never gets longer, is written anew.
	start := len(e.buf)
	e.header(KindMap, len(known.list))
	headerEnd, count := len(e.buf), 0
	for i := range known.list {
		field := &known.list[i]
		part, ok := field.read(v)
		if !ok || field.isOmitted(part) {
			continue
		}
		count++
		if err := e.text(field.name); err != nil {
			return err
		}
		if err := e.element(part); err != nil {
			return within(err, "."+field.goName)
		}
	}
	if count != len(known.list) {
		content := e.buf[headerEnd:]
		e.buf = e.buf[:start]
		e.header(KindMap, count)
		e.buf = append(e.buf, content...)
	}
	e.leave()
	return nil
}
