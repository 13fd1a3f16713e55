package djredis

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// tagName is the struct tag: `djredis:"name"`, `djredis:"name,omitempty"`, `djredis:",omitzero"`, `djredis:"-"`.
const tagName = "djredis"

// field is one that is stored. index leads to it, through embedded structs.
type field struct {
	name, goName        string
	index               []int
	omitEmpty, omitZero bool
	tagged              bool
}

// fields are those of a struct type that are stored, in the order in which they are declared.
type fields struct {
	list   []field
	byName map[string]*field
	// byFold finds what differs by the case of letters only.
	byFold map[string]*field
	// allHidden: there are fields, but none that this package may see.
	allHidden bool
}

// One entry for each struct type of the program.
var knownFields sync.Map

func fieldsOf(structType reflect.Type) *fields {
	if known, ok := knownFields.Load(structType); ok {
		return known.(*fields)
	}
	list := collectFields(structType)
	found := &fields{
		list: list, byName: make(map[string]*field, len(list)), byFold: make(map[string]*field, len(list)),
		allHidden: len(list) == 0 && isAllHidden(structType),
	}
	for i := range list {
		found.byName[list[i].name] = &list[i]
		folded := string(fold(nil, []byte(list[i].name)))
		if found.byFold[folded] == nil {
			found.byFold[folded] = &list[i]
		}
	}
	known, _ := knownFields.LoadOrStore(structType, found)
	return known.(*fields)
}

// named is the field of a key: the one with exactly this name, else one that differs by case only. Nil for none.
func (f *fields) named(key []byte) *field {
	if exact := f.byName[string(key)]; exact != nil {
		return exact
	}
	var room [64]byte
	return f.byFold[string(fold(room[:0], key))]
}

// embedded is a struct whose fields count as those of the struct around it.
type embedded struct {
	structType reflect.Type
	index      []int
}

// collectFields goes from the outermost struct inwards, since outer fields hide inner ones of the same name. As in
// encoding/json and in Go itself, of two on one level neither counts, unless just one has the name from its tag.
func collectFields(structType reflect.Type) []field {
	var stored []field
	decided, seen := map[string]bool{}, map[reflect.Type]bool{}
	for level := []embedded{{structType, nil}}; len(level) > 0; {
		var found []field
		var inner []embedded
		for _, outer := range level {
			if !seen[outer.structType] {
				found, inner = outer.members(found, inner)
			}
		}
		for _, outer := range level {
			seen[outer.structType] = true
		}
		stored = append(stored, dominant(found, decided)...)
		level = inner
	}
	slices.SortFunc(stored, func(a, b field) int { return slices.Compare(a.index, b.index) })
	return stored
}

// members adds the fields of one struct, and the structs embedded in it.
func (e embedded) members(found []field, inner []embedded) ([]field, []embedded) {
	for i := 0; i < e.structType.NumField(); i++ {
		member := e.structType.Field(i)
		tag := member.Tag.Get(tagName)
		name, options, _ := strings.Cut(tag, ",")
		index := append(slices.Clone(e.index), i)
		switch {
		case tag == "-":
		case member.Anonymous && name == "" && isPlainStruct(pointedType(member.Type)):
			inner = append(inner, embedded{pointedType(member.Type), index})
		case member.IsExported():
			added := field{name: name, goName: member.Name, index: index, tagged: name != ""}
			if name == "" {
				added.name = member.Name
			}
			for _, option := range strings.Split(options, ",") {
				added.omitEmpty = added.omitEmpty || option == "omitempty"
				added.omitZero = added.omitZero || option == "omitzero"
			}
			found = append(found, added)
		}
	}
	return found, inner
}

// dominant picks those of one level that count, and notes their names for the levels below.
func dominant(found []field, decided map[string]bool) []field {
	count, tagged := map[string]int{}, map[string]int{}
	for _, f := range found {
		count[f.name]++
		if f.tagged {
			tagged[f.name]++
		}
	}
	var stored []field
	for _, f := range found {
		alone := count[f.name] == 1 || f.tagged && tagged[f.name] == 1
		if alone && !decided[f.name] {
			stored = append(stored, f)
		}
	}
	for name := range count {
		decided[name] = true
	}
	return stored
}

func isAllHidden(t reflect.Type) bool {
	for i := 0; i < t.NumField(); i++ {
		if t.Field(i).IsExported() {
			return false
		}
	}
	return t.NumField() > 0
}

func pointedType(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// isPlainStruct: not a type that is a value of its own.
func isPlainStruct(t reflect.Type) bool { return t.Kind() == reflect.Struct && !isLeafStruct(t) }

// read gives the field of a struct; false where it stands in an embedded struct that is not there.
func (f *field) read(from reflect.Value) (reflect.Value, bool) {
	for i, index := range f.index {
		if i > 0 && from.Kind() == reflect.Pointer {
			if from.IsNil() {
				return reflect.Value{}, false
			}
			from = from.Elem()
		}
		from = from.Field(index)
	}
	return from, true
}

// room gives the field to be written, and makes the embedded structs that it stands in.
func (f *field) room(in reflect.Value) (reflect.Value, error) {
	for i, index := range f.index {
		if i > 0 && in.Kind() == reflect.Pointer {
			if in.IsNil() {
				if !in.CanSet() {
					return reflect.Value{}, misfit("the embedded pointer %s is nil, and not exported", in.Type())
				}
				in.Set(reflect.New(in.Type().Elem()))
			}
			in = in.Elem()
		}
		in = in.Field(index)
	}
	return in, nil
}

// isOmitted: the tag says that this value is not stored.
func (f *field) isOmitted(v reflect.Value) bool {
	return f.omitEmpty && isEmpty(v) || f.omitZero && isZero(v)
}

// isEmpty is what omitempty means in encoding/json: false, 0, nil, or of length 0.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

// isZero is what omitzero means there: what the type's IsZero method says, or the zero value.
func isZero(v reflect.Value) bool {
	isNil := v.Kind() == reflect.Pointer && v.IsNil()
	if own, ok := v.Interface().(interface{ IsZero() bool }); ok && !isNil {
		return own.IsZero()
	}
	return v.IsZero()
}

// fold appends a name such that names that differ by case only become equal.
func fold(to, name []byte) []byte {
	for len(name) > 0 {
		r, size := rune(name[0]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(name)
		}
		name = name[size:]
		for next := unicode.SimpleFold(r); ; r, next = next, unicode.SimpleFold(next) {
			if next <= r {
				to = utf8.AppendRune(to, next)
				break
			}
		}
	}
	return to
}
