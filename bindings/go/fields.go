package djredis

import (
	"reflect"
	"strings"
	"sync"
)

// tagName is the struct tag: `djredis:"name"`, `djredis:"name,omitempty"`, `djredis:"-"`.
const tagName = "djredis"

type field struct {
	name, goName string
	index        []int
	omitEmpty    bool
}

// fields are those of a struct type that are stored.
type fields struct {
	list   []field
	byName map[string]field
}

// One entry for each struct type of the program.
var knownFields sync.Map

func fieldsOf(structType reflect.Type) *fields {
	if known, ok := knownFields.Load(structType); ok {
		return known.(*fields)
	}
	found := &fields{byName: map[string]field{}}
	found.collect(structType, nil)
	known, _ := knownFields.LoadOrStore(structType, found)
	return known.(*fields)
}

// collect adds the fields of a struct, and then those of the structs embedded in it, which the outer ones hide.
func (f *fields) collect(structType reflect.Type, path []int) {
	var embedded []reflect.StructField
	for i := 0; i < structType.NumField(); i++ {
		member := structType.Field(i)
		tag, tagged := member.Tag.Lookup(tagName)
		switch {
		case tag == "-":
		case member.Anonymous && !tagged && isPlainStruct(member.Type):
			embedded = append(embedded, member)
		case member.IsExported():
			f.add(member, tag, path)
		}
	}
	for _, member := range embedded {
		f.collect(member.Type, extended(path, member.Index[0]))
	}
}

// isPlainStruct: neither a type that is a value of its own nor a pointer.
func isPlainStruct(t reflect.Type) bool { return t.Kind() == reflect.Struct && !isLeafStruct(t) }

func (f *fields) add(member reflect.StructField, tag string, path []int) {
	name, options, _ := strings.Cut(tag, ",")
	if name == "" {
		name = member.Name
	}
	if _, hidden := f.byName[name]; hidden {
		return
	}
	added := field{name, member.Name, extended(path, member.Index[0]), options == "omitempty"}
	f.list = append(f.list, added)
	f.byName[name] = added
}

func extended(path []int, index int) []int {
	return append(append(make([]int, 0, len(path)+1), path...), index)
}
