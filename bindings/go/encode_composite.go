package djredis

import (
	"encoding/binary"
	"math"
	"math/big"
	"reflect"
	"sort"
)

// sequence writes a list; nil is None.
func sequence[T any](e *encoder, items []T, isNil bool) error {
	if isNil {
		return e.value(nil)
	}
	if err := e.enter(); err != nil {
		return err
	}
	e.header(KindList, len(items))
	for i, item := range items {
		if err := e.value(item); err != nil {
			return within(err, index(i))
		}
	}
	e.depth--
	return nil
}

// textMap writes a dict, in the order of its keys; nil is None.
func textMap[T any](e *encoder, entries map[string]T) error {
	if entries == nil {
		return e.value(nil)
	}
	if err := e.enter(); err != nil {
		return err
	}
	e.header(KindMap, len(entries))
	for _, key := range sortedKeys(entries) {
		if err := e.text(key); err != nil {
			return within(err, ".key")
		}
		if err := e.value(entries[key]); err != nil {
			return within(err, keyStep(key))
		}
	}
	e.depth--
	return nil
}

func sortedKeys[T any](entries map[string]T) []string {
	keys := make([]string, 0, len(entries))
	for key := range entries {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

// container writes the types of this package that hold others.
func (e *encoder) container(v any) (handled bool, err error) {
	switch v := v.(type) {
	case Tuple:
		return true, e.wrapped(KindTuple, func() error { return sequence(e, v, false) })
	case Set:
		return true, e.wrapped(KindSet, func() error { return sequence(e, v, false) })
	case FrozenSet:
		return true, e.wrapped(KindFrozenSet, func() error { return sequence(e, v, false) })
	case Map:
		return true, e.entries(v)
	case OrderedDict:
		return true, e.wrapped(KindOrderedDict, func() error { return e.entries(v) })
	case Counter:
		return true, e.wrapped(KindCounter, func() error { return e.entries(v) })
	case DefaultDict:
		return true, e.wrapped(KindDefaultDict, func() error {
			if err := e.value(v.Factory); err != nil {
				return err
			}
			return e.entries(v.Entries)
		})
	case Deque:
		return true, e.wrapped(KindDeque, func() error {
			if err := e.value(v.MaxLen); err != nil {
				return err
			}
			return sequence(e, v.Items, false)
		})
	case Range:
		return true, e.wrapped(KindRange, func() error { return e.bounds(v) })
	case Record:
		return true, e.wrapped(KindRecord, func() error { return e.entries(v.entries()) })
	}
	return false, nil
}

func (e *encoder) bounds(v Range) error {
	if v.Start == nil || v.Stop == nil || v.Step == nil {
		return misfit("a Range needs Start, Stop and Step")
	}
	return sequence(e, []*big.Int{v.Start, v.Stop, v.Step}, false)
}

// wrapped writes an extension around values. Its length is not known before, so the header is the one of 4 bytes.
func (e *encoder) wrapped(kind Kind, inside func() error) error {
	start := len(e.buf)
	e.buf = append(e.buf, 0xc9, 0, 0, 0, 0, byte(extensionOf[kind]))
	body := len(e.buf)
	if err := inside(); err != nil {
		return err
	}
	if uint64(len(e.buf)-body) > math.MaxUint32 {
		return misfit("a %s of over 4 GiB", kind)
	}
	binary.BigEndian.PutUint32(e.buf[start+1:], uint32(len(e.buf)-body))
	return nil
}

func (e *encoder) entries(entries []Entry[any]) error {
	if err := e.enter(); err != nil {
		return err
	}
	e.header(KindMap, len(entries))
	for _, entry := range entries {
		if err := e.value(entry.Key); err != nil {
			return within(err, ".key")
		}
		if err := e.value(entry.Value); err != nil {
			return within(err, keyStep(entry.Key))
		}
	}
	e.depth--
	return nil
}

// entries are those of docs/values.md, in their order.
func (record Record) entries() []Entry[any] {
	entries := []Entry[any]{{"class", record.Class}, {"args", record.Args}, {"state", record.State}}
	add := func(name string, part any, there bool) {
		if there {
			entries = append(entries, Entry[any]{name, part})
		}
	}
	add("how", record.How, record.How != "")
	add("module", record.Module, record.Module != "")
	add("base", record.Base, record.Base != "")
	add("kwargs", record.Kwargs, record.Kwargs != nil)
	add("items", record.Items, record.Items != nil)
	add("entries", record.Entries, record.Entries != nil)
	return entries
}

// isLeafStruct: a struct that is one value, not a map of its fields.
func isLeafStruct(t reflect.Type) bool {
	var e encoder
	switch reflect.Zero(t).Interface().(type) {
	case Value, big.Int, big.Rat, Range, Payload, Error:
		return true
	}
	if handled, _ := e.leafType(reflect.Zero(t).Interface()); handled {
		return true
	}
	if handled, _ := e.time(reflect.Zero(t).Interface()); handled {
		return true
	}
	handled, _ := e.container(reflect.Zero(t).Interface())
	return handled
}

// reflected writes a value of a type that only the program knows.
func (e *encoder) reflected(v reflect.Value) error {
	switch v.Kind() {
	case reflect.Bool:
		e.bool(v.Bool())
	case reflect.String:
		return e.text(v.String())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		e.int(v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		e.uint(v.Uint())
	case reflect.Float32, reflect.Float64:
		e.float(v.Float())
	case reflect.Complex64, reflect.Complex128:
		return e.complex(v.Complex())
	case reflect.Pointer, reflect.Interface:
		return e.pointed(v)
	case reflect.Slice, reflect.Array:
		return e.reflectedSlice(v)
	case reflect.Map:
		return e.reflectedMap(v)
	case reflect.Struct:
		return e.reflectedStruct(v)
	default:
		return misfit("the Go type %s has nothing alike in Python", v.Type())
	}
	return nil
}

func (e *encoder) pointed(v reflect.Value) error {
	if v.IsNil() {
		return e.value(nil)
	}
	if err := e.enter(); err != nil {
		return err
	}
	defer func() { e.depth-- }()
	// A big.Int and a big.Rat are written through their pointers, which their copies must not be.
	switch v.Elem().Type() {
	case reflect.TypeOf(big.Int{}), reflect.TypeOf(big.Rat{}):
		return e.other(v.Interface())
	}
	return e.value(v.Elem().Interface())
}

func (e *encoder) reflectedSlice(v reflect.Value) error {
	isSlice := v.Kind() == reflect.Slice
	if isSlice && v.IsNil() {
		return e.value(nil)
	}
	if v.Type().Elem().Kind() == reflect.Uint8 {
		raw := make([]byte, v.Len())
		reflect.Copy(reflect.ValueOf(raw), v)
		e.bytes(raw)
		return nil
	}
	if err := e.enter(); err != nil {
		return err
	}
	e.header(KindList, v.Len())
	for i := 0; i < v.Len(); i++ {
		if err := e.value(v.Index(i).Interface()); err != nil {
			return within(err, index(i))
		}
	}
	e.depth--
	return nil
}

// reflectedMap writes a dict; a set where the elements are struct{}.
func (e *encoder) reflectedMap(v reflect.Value) error {
	if v.IsNil() {
		return e.value(nil)
	}
	if v.Type().Elem() == emptyStruct {
		keys := make(Set, 0, v.Len())
		for _, key := range v.MapKeys() {
			keys = append(keys, key.Interface())
		}
		return e.value(keys)
	}
	entries := make(Map, 0, v.Len())
	for _, key := range v.MapKeys() {
		entries = append(entries, Entry[any]{key.Interface(), v.MapIndex(key).Interface()})
	}
	if v.Type().Key().Kind() == reflect.String {
		sort.Slice(entries, func(i, j int) bool {
			return reflect.ValueOf(entries[i].Key).String() < reflect.ValueOf(entries[j].Key).String()
		})
	}
	return e.value(entries)
}

func (e *encoder) reflectedStruct(v reflect.Value) error {
	switch v.Type() {
	case reflect.TypeOf(big.Int{}), reflect.TypeOf(big.Rat{}), reflect.TypeOf(Error{}):
		return misfit("a %s is stored through its pointer", v.Type())
	}
	if err := e.enter(); err != nil {
		return err
	}
	known := fieldsOf(v.Type()).list
	stored := make([]field, 0, len(known))
	for _, field := range known {
		if !field.omitEmpty || !v.FieldByIndex(field.index).IsZero() {
			stored = append(stored, field)
		}
	}
	e.header(KindMap, len(stored))
	for _, field := range stored {
		if err := e.text(field.name); err != nil {
			return err
		}
		if err := e.value(v.FieldByIndex(field.index).Interface()); err != nil {
			return within(err, "."+field.goName)
		}
	}
	e.depth--
	return nil
}
