package djredis

import (
	"bytes"
	"encoding"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"time"
)

// decode stores v where dst points to. Plain destinations take no reflection.
func decode(v Value, dst any) error {
	if to, ok := dst.(*Value); ok && to != nil {
		*to = v.clone()
		return nil
	}
	if decodeScalar(v, dst) {
		return nil
	}
	if v.serializer != nil {
		return v.unserialize(dst)
	}
	return decodeAny(v, dst)
}

// decodeAny is decode by reflection. It stands by itself, so that the stack of the frequent cases stays small.
func decodeAny(v Value, dst any) error {
	target := reflect.ValueOf(dst)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return errNoPointer(dst)
	}
	t, r, err := v.open()
	if err != nil {
		return err
	}
	var d decoder
	return d.into(t, r, target.Elem())
}

func errNoPointer(dst any) error {
	return misfit("the destination must be a pointer that is not nil, not %T", dst)
}

// decodeScalar does the most frequent cases: false for any other, and for what does not fit.
func decodeScalar(v Value, dst any) bool {
	switch to := dst.(type) {
	case *string:
		if v.kind == KindText && to != nil {
			*to = string(v.data)
			return true
		}
	case *int:
		if n := int(v.number); v.kind == KindInt && to != nil && int64(n) == v.number {
			*to = n
			return true
		}
	case *int64:
		if v.kind == KindInt && to != nil {
			*to = v.number
			return true
		}
	case *bool:
		if v.kind == KindBool && to != nil {
			*to = v.number != 0
			return true
		}
	case *float64:
		if v.kind == KindFloat && to != nil {
			*to = math.Float64frombits(uint64(v.number))
			return true
		}
	case *[]byte:
		if v.kind == KindBytes && to != nil {
			*to = append([]byte{}, v.data...)
			return true
		}
	}
	return false
}

// into stores what a token starts in any Go variable. r stands behind the token, and behind the value afterwards.
func (d *decoder) into(t token, r *reader, to reflect.Value) error {
	if to.Kind() == reflect.Pointer {
		return d.intoPointer(t, r, to)
	}
	if handled, err := d.special(t, r, to.Addr().Interface()); handled {
		return err
	}
	if handled, err := intoText(t, to); handled {
		return err
	}
	switch to.Kind() {
	case reflect.Interface:
		return d.intoInterface(t, r, to)
	case reflect.Slice:
		return d.intoSlice(t, r, to)
	case reflect.Array:
		return d.intoArray(t, r, to)
	case reflect.Map:
		return d.intoMap(t, r, to)
	case reflect.Struct:
		return d.intoStruct(t, r, to)
	}
	return intoScalar(t, to)
}

// intoText gives a text, or the digits of a Decimal, to a type of the program's own that reads texts.
func intoText(t token, to reflect.Value) (handled bool, err error) {
	if t.kind != KindText && t.kind != KindSafeText && t.kind != KindDecimal || to.Type().PkgPath() == "" {
		return false, nil
	}
	reads, ok := to.Addr().Interface().(encoding.TextUnmarshaler)
	if !ok {
		return false, nil
	}
	// What was read may stand in C's memory; a copy is safe, whatever the method does with it.
	if err := reads.UnmarshalText(bytes.Clone(t.data)); err != nil {
		return true, &valueError{reason: fmt.Sprintf("UnmarshalText of the Go type %s: %v", to.Type(), err), cause: err}
	}
	return true, nil
}

func mismatch(t token, to reflect.Value) error {
	return misfit("%s does not fit the Go type %s", described(t), to.Type())
}

// described names a token's kind, and its value where that tells more.
func described(t token) string {
	switch t.kind {
	case KindInt:
		return "the int " + strconv.FormatInt(t.number, 10)
	case KindFloat:
		return "the float " + strconv.FormatFloat(math.Float64frombits(uint64(t.number)), 'g', -1, 64)
	case KindNone:
		return "None"
	}
	return "a " + t.kind.String()
}

// intoPointer: None is nil.
func (d *decoder) intoPointer(t token, r *reader, to reflect.Value) error {
	if t.kind == KindNone {
		to.SetZero()
		return nil
	}
	made := reflect.New(to.Type().Elem())
	if err := d.into(t, r, made.Elem()); err != nil {
		return err
	}
	to.Set(made)
	return nil
}

func (d *decoder) intoInterface(t token, r *reader, to reflect.Value) error {
	found, err := d.any(t, r)
	if err != nil {
		return err
	}
	value := reflect.ValueOf(found)
	if !value.IsValid() {
		to.SetZero()
		return nil
	}
	if !value.Type().AssignableTo(to.Type()) {
		return mismatch(t, to)
	}
	to.Set(value)
	return nil
}

// special handles the types that are more than their underlying one.
func (d *decoder) special(t token, r *reader, dst any) (handled bool, err error) {
	var found any
	switch to := dst.(type) {
	case *Value:
		*to, err = d.lazy(t, r)
		return true, err
	case *time.Time:
		found = to
	case *big.Int:
		return true, intoBigInt(t, to)
	case *time.Duration, *Timedelta, *Date, *TimeOfDay, *DateTime, *UUID, *Range, *DefaultDict, *Deque, *Record, *big.Rat,
		*Decimal, *Opaque, *Payload, *Ellipsis:
		found = to
	case *OrderedDict, *Counter:
		found = to
	case *Map:
		return true, d.intoEntries(t, r, to)
	default:
		return false, nil
	}
	return true, d.exactly(t, r, reflect.ValueOf(found).Elem())
}

// exactly accepts only the kind of value whose own Go type the destination is.
func (d *decoder) exactly(t token, r *reader, to reflect.Value) error {
	found, err := d.any(t, r)
	if err != nil {
		return err
	}
	if to.Type() == timeType && t.kind == KindDateTime {
		// The reason why it is not a time.Time.
		found, err = readTime(t.data)
		if err != nil {
			return err
		}
	}
	if delta, ok := found.(time.Duration); ok && to.Type() == reflect.TypeOf(Timedelta{}) {
		found = timedeltaOf(delta)
	}
	value := reflect.ValueOf(found)
	if value.IsValid() && value.Kind() == reflect.Pointer {
		value = value.Elem()
	}
	if !value.IsValid() || value.Type() != to.Type() {
		return mismatch(t, to)
	}
	to.Set(value)
	return nil
}

var timeType = reflect.TypeOf(time.Time{})

// lazy copies one value whole.
func (d *decoder) lazy(t token, r *reader) (Value, error) {
	if !t.kind.isComposite() {
		return t.value().clone(), nil
	}
	if t.kind != KindList && t.kind != KindMap {
		return leafValue(t), nil
	}
	start := r.data
	if err := r.skip(t.follow()); err != nil {
		return Value{}, err
	}
	e := encoder{}
	e.header(t.kind, int(t.number))
	return Value{kind: t.kind, data: append(e.buf, start[:len(start)-len(r.data)]...)}, nil
}

func intoBigInt(t token, to *big.Int) error {
	switch t.kind {
	case KindInt:
		to.SetInt64(t.number)
		return nil
	case KindBigInt:
		number, err := bigInt(t.data)
		if err == nil {
			to.Set(number)
		}
		return err
	}
	return misfit("%s does not fit the Go type big.Int", described(t))
}

func (d *decoder) intoEntries(t token, r *reader, to *Map) error {
	if t.kind == KindNone {
		*to = nil
		return nil
	}
	if !t.kind.isMap() || t.kind == KindRecord {
		return misfit("a %s does not fit the Go type djredis.Map", t.kind)
	}
	if err := d.enter(); err != nil {
		return err
	}
	first, inner, err := r.container(t)
	if err == nil {
		*to, err = d.entries(first, inner)
	}
	d.depth--
	return err
}

func intoScalar(t token, to reflect.Value) error {
	switch to.Kind() {
	case reflect.Bool:
		if t.kind == KindBool {
			to.SetBool(t.number != 0)
			return nil
		}
	case reflect.String:
		if t.kind == KindText || t.kind == KindSafeText || t.kind == KindStatus || t.kind == KindSurrogateText {
			return intoString(t, to)
		}
	case reflect.Float32, reflect.Float64:
		return intoFloat(t, to)
	case reflect.Complex64, reflect.Complex128:
		if t.kind == KindComplex {
			found, err := complexOf(t.data)
			to.SetComplex(found)
			return err
		}
	default:
		return intoInteger(t, to)
	}
	return mismatch(t, to)
}

// intoString: a string must be UTF-8, unless its type says otherwise.
func intoString(t token, to reflect.Value) error {
	if t.kind == KindSurrogateText && to.Type() != reflect.TypeOf(SurrogateText("")) {
		return mismatch(t, to)
	}
	to.SetString(string(t.data))
	return nil
}

// intoFloat takes integers too, where nothing is lost.
func intoFloat(t token, to reflect.Value) error {
	var number float64
	switch t.kind {
	case KindFloat:
		number = math.Float64frombits(uint64(t.number))
	case KindInt:
		number = float64(t.number)
		if to.Kind() == reflect.Float32 {
			number = float64(float32(t.number))
		}
		// 2^63 is no int64: the conversion back would not be defined.
		if number >= 1<<63 || int64(number) != t.number {
			return misfit("%s has too many digits for the Go type %s", described(t), to.Type())
		}
	default:
		return mismatch(t, to)
	}
	if to.OverflowFloat(number) {
		return misfit("%s is too large for the Go type %s", described(t), to.Type())
	}
	to.SetFloat(number)
	return nil
}

func intoInteger(t token, to reflect.Value) error {
	if t.kind != KindInt && t.kind != KindBigInt {
		return mismatch(t, to)
	}
	switch {
	case to.CanInt():
		if t.kind == KindInt && !to.OverflowInt(t.number) {
			to.SetInt(t.number)
			return nil
		}
	case to.CanUint():
		number, ok := unsigned(t)
		if ok && !to.OverflowUint(number) {
			to.SetUint(number)
			return nil
		}
	default:
		return mismatch(t, to)
	}
	return misfit("%s is out of the range of the Go type %s", described(t), to.Type())
}

func unsigned(t token) (uint64, bool) {
	if t.kind == KindInt {
		return uint64(t.number), t.number >= 0
	}
	number, err := strconv.ParseUint(string(t.data), 10, 64)
	return number, err == nil
}

// index and keyStep are steps of a path into a value.
func index(i int) string { return "[" + strconv.Itoa(i) + "]" }

func keyStep(key any) string { return fmt.Sprintf("[%.60q]", fmt.Sprint(key)) }
