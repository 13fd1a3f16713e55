package djredis_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"djredis"
)

// What one call gave stays what it is, whatever the next ones find in the same place.
func TestManyValuesOutliveTheirCall(t *testing.T) {
	cache := open(t, djredis.Options{})
	want, values := map[string]string{}, map[string]any{}
	for i := 0; i < 50; i++ {
		key := fmt.Sprint("k", i)
		want[key] = strings.Repeat(key, i)
		values[key] = want[key]
	}
	must(t, cache.SetMany(background, values))
	keys := append(keysOf(want), "missing")
	texts, err := djredis.GetMany[string](background, cache, keys)
	must(t, err)
	lazy, err := djredis.GetMany[djredis.Value](background, cache, keys)
	must(t, err)
	for key := range values {
		values[key] = strings.Repeat("#", 100)
	}
	must(t, cache.SetMany(background, values))
	_, err = djredis.GetMany[string](background, cache, keys)
	must(t, err)
	runtime.GC()
	for key, text := range want {
		if got, err := lazy[key].Text(); texts[key] != text || got != text || err != nil {
			t.Errorf("%s: got %q and %q, %v", key, texts[key], got, err)
		}
	}
	if len(texts) != len(want) || len(lazy) != len(want) {
		t.Errorf("got %d and %d values", len(texts), len(lazy))
	}
}

// One that does not fit, or can't be read, hides no other.
func TestManyValuesOfWhichSomeDoNotFit(t *testing.T) {
	cache := open(t, djredis.Options{})
	must(t, cache.SetMany(background, map[string]any{"text": "x", "int": 7, "list": []int{1}, "none": nil}))
	must(t, cache.SetRaw(background, "broken", []byte("\x80\x05broken")))
	keys := []string{"text", "int", "missing", "list", "none", "broken"}
	var failed *djredis.KeysError
	got, err := djredis.GetMany[string](background, cache, keys)
	if !errors.As(err, &failed) || len(failed.Errors) != 4 || len(got) != 1 || got["text"] != "x" {
		t.Errorf("strings: %v, %v", got, err)
	}
	lists, err := djredis.GetMany[[]int](background, cache, keys)
	if !errors.As(err, &failed) || len(failed.Errors) != 3 || len(lists) != 2 || len(lists["list"]) != 1 || lists["none"] != nil {
		t.Errorf("lists: %v, %v", lists, err)
	}
	for _, key := range []string{"text", "int", "broken"} {
		if !errors.Is(failed.Errors[key], djredis.ErrDecode) {
			t.Errorf("%s: %v", key, failed.Errors[key])
		}
	}
}

func keysOf(values map[string]string) (keys []string) {
	for key := range values {
		keys = append(keys, key)
	}
	return keys
}
