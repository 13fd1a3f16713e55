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
		to.Set(reflect.MakeSlice(to.Type(), count, count))
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
	for i := int64(0); i < first.number; i++ {
		if err := d.entry(inner, made, isSet); err != nil {
			return err
		}
	}
	to.Set(made)
	return nil
}

var emptyStruct = reflect.TypeOf(struct{}{})

// entry reads one key, and its value unless the map is a set.
func (d *decoder) entry(r *reader, to reflect.Value, isSet bool) error {
	key, value := reflect.New(to.Type().Key()).Elem(), reflect.New(to.Type().Elem()).Elem()
	if err := d.next(r, key); err != nil {
		return within(err, ".key")
	}
	if !key.Comparable() {
		return misfit("Go can't hash a key of type %s; get it as a djredis.Map", key.Elem().Type())
	}
	if !isSet {
		if err := d.next(r, value); err != nil {
			return within(err, keyStep(key.Interface()))
		}
	}
	to.SetMapIndex(key, value)
	return nil
}

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
	field, ok := known.byName[string(key.data)]
	if !ok || key.kind != KindText {
		return r.skip(key.follow() + 1)
	}
	return within(d.next(r, to.FieldByIndex(field.index)), "."+field.goName)
}
