package djredis

import (
	"encoding/binary"
	"math"
	"math/big"
	"reflect"
	"sort"
	"unsafe"
)

// sequence writes a list; nil is None.
func sequence[S ~[]T, T any](e *encoder, items S, isNil bool) error {
	if isNil {
		return e.value(nil)
	}
	if err := e.enter(visit{unsafe.Pointer(unsafe.SliceData([]T(items))), len(items), reflect.TypeOf(items)}); err != nil {
		return err
	}
	e.header(KindList, len(items))
	for i, item := range items {
		if err := e.value(item); err != nil {
			return within(err, index(i))
		}
	}
	e.leave()
	return nil
}

// textMap writes a dict, in the order of its keys; nil is None.
func textMap[T any](e *encoder, entries map[string]T) error {
	if entries == nil {
		return e.value(nil)
	}
	if err := e.enter(visit{reflect.ValueOf(entries).UnsafePointer(), 0, reflect.TypeOf(entries)}); err != nil {
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
	e.leave()
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
		return true, entryList(e, v)
	case OrderedDict:
		return true, e.wrapped(KindOrderedDict, func() error { return entryList(e, v) })
	case Counter:
		return true, e.wrapped(KindCounter, func() error { return entryList(e, v) })
	case DefaultDict:
		return true, e.wrapped(KindDefaultDict, func() error {
			if err := e.value(v.Factory); err != nil {
				return err
			}
			return entryList(e, v.Entries)
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
		return true, e.wrapped(KindRecord, func() error { return entryList(e, v.entries()) })
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

func entryList[S ~[]Entry[any]](e *encoder, entries S) error {
	if err := e.enter(visit{unsafe.Pointer(unsafe.SliceData([]Entry[any](entries))), len(entries), reflect.TypeOf(entries)}); err != nil {
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
	e.leave()
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
