package djredis_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"djredis"
)

// texts stores strings as they are: some are digits, some empty.
type texts struct{}

func (texts) Marshal(v any) ([]byte, error) {
	text, ok := v.(string)
	if !ok {
		return nil, fmt.Errorf("%w: %T", errNoString, v)
	}
	return []byte(text), nil
}

func (texts) Unmarshal(data []byte, v any) error {
	text, ok := v.(*string)
	if !ok {
		return fmt.Errorf("%w: %T", errNoString, v)
	}
	*text = string(data)
	return nil
}

var errNoString = errors.New("texts takes strings")

func TestSerializerThatGivesDigits(t *testing.T) {
	cache := open(t, djredis.Options{Serializer: texts{}})
	refused := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, djredis.ErrEncode) || !strings.Contains(err.Error(), "decimal number") {
			t.Errorf("%s: %v", what, err)
		}
	}
	refused("Set", cache.Set(background, "k", "123"))
	refused("Add", cache.Add(background, "k", "-5"))
	refused("SetMany", cache.SetMany(background, map[string]any{"k": "0", "good": "a"}))
	_, err := cache.Encode("7")
	refused("Encode", err)
	djredis.GatherAll(cache)
	refused("a gathered Set", cache.Set(background, "k", "123"))
	if there, err := cache.Has(background, "k"); there || err != nil {
		t.Errorf("stored all the same: %v, %v", there, err)
	}
	for _, text := range []string{"", "007", "-0", "+5", "-", "1.5", " 1", "\x78\x9c"} {
		must(t, cache.Set(background, "k", text))
		if got, err := djredis.Get[string](background, cache, "k"); got != text || err != nil {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	var batch djredis.Batch
	batch.Set("bad", "123")
	batch.Set("good", "a")
	results, err := cache.Run(background, &batch)
	must(t, err)
	refused("Batch", results[0].Err)
	if results[1].Err != nil {
		t.Errorf("its neighbour: %v", results[1].Err)
	}
	// What Incr made can still be read as the serializer's own type.
	must(t, cache.Set(background, "n", 5))
	if got, err := djredis.Get[string](background, cache, "n"); got != "5" || err != nil {
		t.Errorf("digits as a string: %q, %v", got, err)
	}
}

func TestSerializerThatFails(t *testing.T) {
	for _, gathered := range []bool{false, true} {
		cache := open(t, djredis.Options{Serializer: texts{}})
		if gathered {
			djredis.GatherAll(cache)
		}
		var failed *djredis.Error
		for what, err := range map[string]error{
			"Set": cache.Set(background, "k", 1.5), "SetMany": cache.SetMany(background, map[string]any{"a": "b", "k": 1.5}),
		} {
			if !errors.Is(err, djredis.ErrEncode) || !errors.Is(err, errNoString) || !errors.As(err, &failed) || !failed.Retryable {
				t.Errorf("%s: %v", what, err)
			}
			if !strings.Contains(err.Error(), `"k"`) {
				t.Errorf("%s names no key: %v", what, err)
			}
		}
		if there, err := cache.Has(background, "a"); there || err != nil {
			t.Errorf("written all the same: %v, %v", there, err)
		}
		must(t, cache.Set(background, "k", "text"))
		unread := func(what string, err error) {
			t.Helper()
			if !errors.Is(err, djredis.ErrDecode) || !errors.Is(err, errNoString) || !errors.As(err, &failed) || string(failed.Stored) != "text" {
				t.Errorf("%s: %v", what, err)
			}
		}
		unread("Get", cache.Get(background, "k", new(article)))
		unread("GetOrSet", cache.GetOrSet(background, "k", new(article), nil))
		unread("Decode", cache.Decode([]byte("text"), new(article)))
		values, err := cache.GetMany(background, []string{"k"})
		must(t, err)
		unread("Value", values["k"].Decode(new(article)))
		_, err = values["k"].Any()
		unread("Any", err)
		_, err = djredis.GetMany[article](background, cache, []string{"k"})
		var keys *djredis.KeysError
		if !errors.As(err, &keys) || keys.Errors["k"] == nil {
			t.Errorf("GetMany[T]: %v", err)
		}
		unread("GetMany[T]", err)
	}
}

func TestSerializerErrorsCauses(t *testing.T) {
	cache := open(t, djredis.Options{Serializer: jsonSerializer})
	var unsupported *json.UnsupportedTypeError
	if err := cache.Set(background, "k", make(chan int)); !errors.As(err, &unsupported) || !errors.Is(err, djredis.ErrEncode) {
		t.Errorf("Set: %v", err)
	}
	must(t, cache.Set(background, "k", "text"))
	var misfit *json.UnmarshalTypeError
	if err := cache.Get(background, "k", new(article)); !errors.As(err, &misfit) || !errors.Is(err, djredis.ErrDecode) {
		t.Errorf("Get: %v", err)
	}
}

func TestSerializerMisses(t *testing.T) {
	cache := open(t, djredis.Options{Serializer: jsonSerializer, DecodeError: "miss"})
	must(t, cache.SetRaw(background, "k", []byte("{broken")))
	if err := cache.Get(background, "k", new(article)); err != djredis.ErrMiss {
		t.Errorf("Get: %v", err)
	}
	if got, err := djredis.GetMany[article](background, cache, []string{"k"}); len(got) != 0 || err != nil {
		t.Errorf("GetMany: %v, %v", got, err)
	}
	must(t, cache.Set(background, "n", 300))
	if _, err := djredis.Get[int8](background, cache, "n"); !errors.Is(err, djredis.ErrDecode) {
		t.Errorf("an integer that can be read, and does not fit: %v", err)
	}
}

type panics struct{}

func (panics) Marshal(v any) ([]byte, error) {
	if v == "panic" {
		panic("Marshal")
	}
	return json.Marshal(v)
}

func (panics) Unmarshal(data []byte, v any) error {
	if string(data) == `"unreadable"` {
		panic("Unmarshal")
	}
	return json.Unmarshal(data, v)
}

// A panic is the caller's; nothing is left behind that later calls would miss.
func TestSerializerThatPanics(t *testing.T) {
	for _, gathered := range []bool{false, true} {
		cache := open(t, djredis.Options{Serializer: panics{}})
		if gathered {
			djredis.GatherAll(cache)
		}
		must(t, cache.Set(background, "bad", "unreadable"))
		var batch djredis.Batch
		batch.Set("k", "panic")
		for i := 0; i < 600; i++ { // more than there are frames
			for name, call := range map[string]func() error{
				"Marshal":   func() error { return cache.Set(background, "k", "panic") },
				"Unmarshal": func() error { return cache.Get(background, "bad", new(string)) },
			} {
				if got := panicOf(call); got != name {
					t.Fatalf("%s: panic %v", name, got)
				}
			}
		}
		got := panicOf(func() error { _, err := cache.Run(background, &batch); return err })
		if got != "Marshal" {
			t.Errorf("Run: panic %v", got)
		}
		must(t, cache.Set(background, "k", "fine"))
		if got, err := djredis.Get[string](background, cache, "k"); got != "fine" || err != nil {
			t.Errorf("afterwards: %q, %v", got, err)
		}
	}
}

func panicOf(call func() error) (found any) {
	defer func() { found = recover() }()
	return call()
}
