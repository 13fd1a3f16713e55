package djredis

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/big"
	"reflect"
)

// decoder turns MessagePack into Go values. Nothing in them points into what was read.
type decoder struct{ depth int }

func (d *decoder) enter() error {
	if d.depth++; d.depth > maxDepth {
		return errTooDeep
	}
	return nil
}

// any makes the Go value that fits a token by itself. r stands behind the token.
func (d *decoder) any(t token, r *reader) (any, error) {
	switch t.kind {
	case KindNone:
		return nil, nil
	case KindBool:
		return t.number != 0, nil
	case KindInt:
		return t.number, nil
	case KindFloat:
		return math.Float64frombits(uint64(t.number)), nil
	case KindText, KindStatus:
		return string(t.data), nil
	case KindBytes:
		return append([]byte{}, t.data...), nil
	case KindBigInt:
		return bigInt(t.data)
	}
	if t.kind.isArray() || t.kind.isMap() {
		return d.anyContainer(t, r)
	}
	return anyLeaf(t)
}

func anyLeaf(t token) (any, error) {
	switch t.kind {
	case KindOpaque:
		return Opaque(bytes.Clone(t.data)), nil
	case KindPayload:
		return Payload{Format(t.number), bytes.Clone(t.data)}, nil
	case KindDecimal:
		return Decimal(t.data), nil
	case KindSafeText:
		return SafeText(t.data), nil
	case KindSurrogateText:
		return SurrogateText(t.data), nil
	case KindByteArray:
		return ByteArray(append([]byte{}, t.data...)), nil
	case KindUUID:
		return uuidOf(t.data)
	case KindComplex:
		return complexOf(t.data)
	case KindFraction:
		return ratOf(t.data)
	case KindError:
		return &Error{Status: ErrServer, Message: string(t.data)}, nil
	case KindEllipsis:
		return Ellipsis{}, nil
	}
	return anyTime(t)
}

// anyTime keeps a moment in a zone that only Python knows as it is.
func anyTime(t token) (any, error) {
	switch t.kind {
	case KindDate:
		return readDate(t.data)
	case KindDuration:
		delta, err := readTimedelta(t.data)
		if short, ok := delta.Duration(); ok {
			return short, err
		}
		return delta, err
	case KindTime:
		clock, err := readClock(t.data)
		if err == nil && len(t.data) > clockSize {
			return leafValue(t), nil
		}
		return clock, err
	case KindDateTime:
		wall, zone, err := readDateTime(t.data)
		if err != nil || len(zone) == 0 {
			return wall, err
		}
		if moment, err := readTime(t.data); err == nil {
			return moment, nil
		}
		return leafValue(t), nil
	}
	return nil, misfit("a %s can't stand here", t.kind)
}

// leafValue is an extension as a Value of its own.
func leafValue(t token) Value {
	return Value{kind: t.kind, data: appendExtension(nil, extensionOf[t.kind], t.data)}
}

func (d *decoder) anyContainer(t token, r *reader) (any, error) {
	if err := d.enter(); err != nil {
		return nil, err
	}
	defer func() { d.depth-- }()
	switch t.kind {
	case KindRecord:
		return d.record(t)
	case KindDefaultDict:
		return d.defaultDict(t)
	case KindDeque:
		return d.deque(t)
	}
	first, inner, err := r.container(t)
	if err != nil {
		return nil, err
	}
	if t.kind.isMap() {
		return d.anyMap(t.kind, first, inner)
	}
	items, err := d.slice(first, inner)
	if err != nil {
		return nil, err
	}
	switch t.kind {
	case KindTuple:
		return Tuple(items), nil
	case KindSet:
		return Set(items), nil
	case KindFrozenSet:
		return FrozenSet(items), nil
	case KindRange:
		return rangeOf(items)
	}
	return items, nil
}

func (d *decoder) anyMap(kind Kind, t token, r *reader) (any, error) {
	entries, err := d.entries(t, r)
	if err != nil {
		return nil, err
	}
	switch kind {
	case KindOrderedDict:
		return OrderedDict(entries), nil
	case KindCounter:
		return Counter(entries), nil
	}
	return mapOf(entries), nil
}

func (d *decoder) slice(t token, r *reader) ([]any, error) {
	items := make([]any, t.number)
	for i := range items {
		item, err := d.nextAny(r)
		if err != nil {
			return nil, within(err, index(i))
		}
		items[i] = item
	}
	return items, nil
}

func (d *decoder) nextAny(r *reader) (any, error) {
	t, err := r.next()
	if err != nil {
		return nil, err
	}
	return d.any(t, r)
}

func (d *decoder) entries(t token, r *reader) (Map, error) {
	entries := make(Map, t.number)
	for i := range entries {
		key, err := d.nextAny(r)
		if err != nil {
			return nil, err
		}
		value, err := d.nextAny(r)
		if err != nil {
			return nil, within(err, keyStep(key))
		}
		entries[i] = Entry[any]{key, value}
	}
	return entries, nil
}

// mapOf is a map[string]any where all keys are texts, a map[any]any where Go can hash them all, else the Map itself.
func mapOf(entries Map) any {
	texts, hashable := true, true
	for _, entry := range entries {
		_, isText := entry.Key.(string)
		texts = texts && isText
		hashable = hashable && isKey(entry.Key)
	}
	switch {
	case texts:
		made := make(map[string]any, len(entries))
		for _, entry := range entries {
			made[entry.Key.(string)] = entry.Value
		}
		return made
	case hashable:
		made := make(map[any]any, len(entries))
		for _, entry := range entries {
			made[entry.Key] = entry.Value
		}
		return made
	}
	return entries
}

// isKey tells whether equal Python keys are equal in Go; pointers and interfaces to slices are not.
func isKey(key any) bool {
	if key == nil {
		return true
	}
	kind := reflect.TypeOf(key)
	return kind.Comparable() && kind.Kind() != reflect.Pointer && kind != valueType
}

func (d *decoder) defaultDict(t token) (any, error) {
	inner := &reader{t.data}
	factory, err := d.nextAny(inner)
	if err != nil {
		return nil, err
	}
	first, inner, err := (&reader{}).container(t)
	if err != nil {
		return nil, err
	}
	entries, err := d.entries(first, inner)
	return DefaultDict{factory, entries}, err
}

func (d *decoder) deque(t token) (any, error) {
	bound, err := (&reader{t.data}).next()
	if err != nil {
		return nil, err
	}
	first, inner, err := (&reader{}).container(t)
	if err != nil {
		return nil, err
	}
	items, err := d.slice(first, inner)
	deque := Deque{Items: items}
	if bound.kind == KindInt {
		deque.MaxLen = &bound.number
	}
	return deque, err
}

// record reads the map of docs/values.md, section 4.
func (d *decoder) record(t token) (any, error) {
	first, inner, err := (&reader{}).container(t)
	if err != nil {
		return nil, err
	}
	var record Record
	for i := int64(0); i < first.number; i++ {
		name, err := inner.next()
		if err != nil {
			return nil, err
		}
		part, err := d.nextAny(inner)
		if err != nil {
			return nil, within(err, "."+string(name.data))
		}
		record.set(string(name.data), part)
	}
	return record, nil
}

func (record *Record) set(name string, part any) {
	switch name {
	case "class":
		record.Class = part
	case "args":
		record.Args, _ = part.([]any)
	case "state":
		record.State = part
	case "how":
		record.How, _ = part.(string)
	case "module":
		record.Module, _ = part.(string)
	case "base":
		record.Base, _ = part.(string)
	case "kwargs":
		record.Kwargs = part
	case "items":
		record.Items, _ = part.([]any)
	case "entries":
		record.Entries = part
	}
}

func bigInt(digits []byte) (*big.Int, error) {
	number, ok := new(big.Int).SetString(string(digits), 10)
	if !ok {
		return nil, misfit("an integer that is no decimal number")
	}
	return number, nil
}

func ratOf(text []byte) (*big.Rat, error) {
	fraction, ok := new(big.Rat).SetString(string(text))
	if !ok {
		return nil, misfit("a Fraction that is no quotient of two integers")
	}
	return fraction, nil
}

func uuidOf(data []byte) (UUID, error) {
	if len(data) != len(UUID{}) {
		return UUID{}, errTruncated
	}
	return UUID(data), nil
}

func complexOf(data []byte) (complex128, error) {
	if len(data) != 16 {
		return 0, errTruncated
	}
	part := func(raw []byte) float64 { return math.Float64frombits(binary.BigEndian.Uint64(raw)) }
	return complex(part(data), part(data[8:])), nil
}

func rangeOf(items []any) (Range, error) {
	var bounds [3]*big.Int
	if len(items) != len(bounds) {
		return Range{}, errTruncated
	}
	for i, item := range items {
		switch number := item.(type) {
		case int64:
			bounds[i] = big.NewInt(number)
		case *big.Int:
			bounds[i] = number
		default:
			return Range{}, misfit("a range from %T", item)
		}
	}
	return Range{bounds[0], bounds[1], bounds[2]}, nil
}
