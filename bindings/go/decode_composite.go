package djredis

import "reflect"

// intoSlice takes lists, tuples, sets and their like; bytes into []byte; None as nil.
func (d *decoder) intoSlice(t token, r *reader, to reflect.Value) error {
	if t.kind == KindNone {
		to.SetZero()
		return nil
	}
	if to.Type().Elem().Kind() == reflect.Uint8 && (t.kind == KindBytes || t.kind == KindByteArray) {
		to.SetBytes(append([]byte{}, t.data...))
		return nil
	}
	return d.sequence(t, r, to, func(count int) error {
		to.SetZero()
		if count == 0 {
			to.Set(reflect.MakeSlice(to.Type(), 0, 0)) // an empty list is no nil
		}
		to.Grow(count)
		to.SetLen(count)
		return nil
	})
}

// intoArray takes exactly as many elements, or bytes, as there are.
func (d *decoder) intoArray(t token, r *reader, to reflect.Value) error {
	if to.Type().Elem().Kind() == reflect.Uint8 && (t.kind == KindBytes || t.kind == KindByteArray || t.kind == KindUUID) {
		if len(t.data) != to.Len() {
			return misfit("%d bytes do not fit the Go type %s", len(t.data), to.Type())
		}
		reflect.Copy(to, reflect.ValueOf(t.data))
		return nil
	}
	return d.sequence(t, r, to, func(count int) error {
		if count != to.Len() {
			return misfit("%d elements do not fit the Go type %s", count, to.Type())
		}
		return nil
	})
}

// sequence fills a slice or array that `prepare` makes room in.
func (d *decoder) sequence(t token, r *reader, to reflect.Value, prepare func(count int) error) error {
	if !t.kind.isArray() {
		return mismatch(t, to)
	}
	if err := d.enter(); err != nil {
		return err
	}
	defer func() { d.depth-- }()
	first, inner, err := r.container(t)
	if err == nil {
		err = prepare(int(first.number))
	}
	for i := 0; err == nil && i < int(first.number); i++ {
		if err = d.next(inner, to.Index(i)); err != nil {
			return within(err, index(i))
		}
	}
	return err
}

func (d *decoder) next(r *reader, to reflect.Value) error {
	t, err := r.next()
	if err != nil {
		return err
	}
	return d.into(t, r, to)
}

// intoMap takes dicts and their like, the fields of a record, and sets where the map's elements are struct{}.
func (d *decoder) intoMap(t token, r *reader, to reflect.Value) error {
	if t.kind == KindNone {
		to.SetZero()
		return nil
	}
	if err := d.enter(); err != nil {
		return err
	}
	defer func() { d.depth-- }()
	isSet := t.kind == KindSet || t.kind == KindFrozenSet
	if isSet != (to.Type().Elem() == emptyStruct) {
		return mismatch(t, to)
	}
	if t.kind == KindRecord {
		return d.fields(t, to)
	}
	if !isSet && !t.kind.isMap() {
		return mismatch(t, to)
	}
	first, inner, err := r.container(t)
	if err != nil {
		return err
	}
	made := reflect.MakeMapWithSize(to.Type(), int(first.number))
	key, value := reflect.New(to.Type().Key()).Elem(), reflect.New(to.Type().Elem()).Elem()
	for i := int64(0); i < first.number; i++ {
		key.SetZero()
		value.SetZero()
		if err := d.entry(inner, key, value, isSet); err != nil {
			return err
		}
		made.SetMapIndex(key, value)
	}
	to.Set(made)
	return nil
}

var emptyStruct = reflect.TypeOf(struct{}{})

// entry reads one key, and its value unless the map is a set.
func (d *decoder) entry(r *reader, key, value reflect.Value, isSet bool) error {
	if err := d.next(r, key); err != nil {
		return within(err, ".key")
	}
	if kind := key.Kind(); kind != reflect.String && !isNumber(kind) && !key.Comparable() {
		return misfit("Go can't hash a key of type %T; get it as a djredis.Map", key.Interface())
	}
	if isSet {
		return nil
	}
	if err := d.next(r, value); err != nil {
		return within(err, keyStep(key.Interface()))
	}
	return nil
}

func isNumber(kind reflect.Kind) bool { return kind >= reflect.Int && kind <= reflect.Complex128 }

// fields decodes the state of a record, where the fields of a Python object are.
func (d *decoder) fields(t token, to reflect.Value) error {
	state, ok, err := leafValue(t).lookup("state")
	if err != nil {
		return err
	}
	if !ok || state.kind != KindMap {
		return misfit("a record without a map of fields does not fit the Go type %s", to.Type())
	}
	first, inner, err := state.open()
	if err != nil {
		return err
	}
	return d.into(first, inner, to)
}

// intoStruct takes maps with text keys and the fields of a record. Keys without a field are passed over, and fields
// without a key keep what they held.
func (d *decoder) intoStruct(t token, r *reader, to reflect.Value) error {
	if !t.kind.isMap() {
		return mismatch(t, to)
	}
	if err := d.enter(); err != nil {
		return err
	}
	defer func() { d.depth-- }()
	if t.kind == KindRecord {
		return d.fields(t, to)
	}
	first, inner, err := r.container(t)
	if err != nil {
		return err
	}
	known := fieldsOf(to.Type())
	for i := int64(0); i < first.number; i++ {
		if err := d.structField(inner, to, known); err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) structField(r *reader, to reflect.Value, known *fields) error {
	key, err := r.next()
	if err != nil {
		return err
	}
	var found *field
	if key.kind == KindText {
		found = known.named(key.data)
	}
	if found == nil {
		return r.skip(key.follow() + 1)
	}
	place, err := found.room(to)
	if err == nil {
		err = d.next(r, place)
	}
	if err != nil {
		return within(err, "."+found.goName)
	}
	return nil
}
