package djredis_test

import (
	"errors"
	"reflect"
	"sort"
	"testing"
	"time"

	"djredis"
)

func TestSetAndGet(t *testing.T) {
	cache := open(t, djredis.Options{})
	must(t, cache.Set(background, "user", map[string]any{"name": "Ada", "tags": []string{"a", "b"}}))
	var user struct {
		Name string   `djredis:"name"`
		Tags []string `djredis:"tags"`
	}
	must(t, cache.Get(background, "user", &user))
	if user.Name != "Ada" || !reflect.DeepEqual(user.Tags, []string{"a", "b"}) {
		t.Errorf("got %+v", user)
	}
}

func TestConditions(t *testing.T) {
	cache := open(t, djredis.Options{})
	if err := cache.Set(background, "k", 1, djredis.XX); !errors.Is(err, djredis.ErrMiss) {
		t.Errorf("XX of a missing key: %v", err)
	}
	must(t, cache.Set(background, "k", 1, djredis.NX))
	if err := cache.Set(background, "k", 2, djredis.NX); err != djredis.ErrMiss {
		t.Errorf("NX of a key that is there: %v", err)
	}
	if err := cache.Add(background, "k", 2); err != djredis.ErrMiss {
		t.Errorf("Add of a key that is there: %v", err)
	}
	must(t, cache.Set(background, "k", 3, djredis.XX))
	if n, err := djredis.Get[int](background, cache, "k"); n != 3 || err != nil {
		t.Errorf("got %d, %v", n, err)
	}
	if err := cache.Set(background, "k", 3, djredis.XX, djredis.NX); !errors.Is(err, djredis.ErrArgument) {
		t.Errorf("NX with XX: %v", err)
	}
}

func TestTimes(t *testing.T) {
	cache := open(t, djredis.Options{Timeout: djredis.Infinite})
	must(t, cache.Set(background, "default", 1))
	must(t, cache.Set(background, "minute", 1, djredis.TTL(time.Minute)))
	must(t, cache.Set(background, "forever", 1, djredis.TTL(time.Minute)))
	if there, err := cache.Touch(background, "forever", djredis.Forever); !there || err != nil {
		t.Errorf("Touch: %v, %v", there, err)
	}
	for key, want := range map[string]time.Duration{"default": djredis.Infinite, "forever": djredis.Infinite} {
		if ttl, err := cache.TTL(background, key); ttl != want || err != nil {
			t.Errorf("TTL of %s: %v, %v", key, ttl, err)
		}
	}
	if ttl, err := cache.TTL(background, "minute"); err != nil || ttl <= 30*time.Second || ttl > time.Minute {
		t.Errorf("TTL of minute: %v, %v", ttl, err)
	}
	if _, err := cache.TTL(background, "missing"); err != djredis.ErrMiss {
		t.Errorf("TTL of a missing key: %v", err)
	}
}

func TestMany(t *testing.T) {
	cache := open(t, djredis.Options{})
	must(t, cache.SetMany(background, map[string]any{"a": 1, "b": "two", "c": []byte{}, "d": nil, "e": 2.5, "f": []int{1}}))
	found, err := cache.GetMany(background, []string{"a", "missing", "b", "c", "d", "e", "f"})
	must(t, err)
	got := map[string]any{}
	for key, value := range found {
		got[key], err = value.Any()
		must(t, err)
	}
	want := map[string]any{"a": int64(1), "b": "two", "c": []byte{}, "d": nil, "e": 2.5, "f": []any{int64(1)}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %#v", got)
	}
	if n, err := cache.DeleteMany(background, []string{"a", "missing", "b"}); n != 2 || err != nil {
		t.Errorf("DeleteMany: %d, %v", n, err)
	}
	if found, err := cache.GetMany(background, nil); len(found) != 0 || err != nil {
		t.Errorf("GetMany of nothing: %v, %v", found, err)
	}
	must(t, cache.SetMany(background, nil))
}

func TestManyWithOneThatCantBeRead(t *testing.T) {
	cache := open(t, djredis.Options{})
	must(t, cache.Set(background, "good", "fine"))
	must(t, cache.SetRaw(background, "bad", []byte("\x80\x05broken")))
	found, err := cache.GetMany(background, []string{"good", "bad"})
	if text, textErr := found["good"].Text(); text != "fine" || textErr != nil || len(found) != 1 {
		t.Errorf("found %v", found)
	}
	var keys *djredis.KeysError
	if !errors.As(err, &keys) || keys.Errors["bad"] == nil || !errors.Is(err, djredis.ErrDecode) {
		t.Errorf("got %v", err)
	}
}

func TestCounters(t *testing.T) {
	cache := open(t, djredis.Options{})
	if _, err := cache.Incr(background, "n", 1); !errors.Is(err, djredis.ErrNotFound) {
		t.Errorf("Incr of a missing key: %v", err)
	}
	must(t, cache.Set(background, "n", 40))
	if n, err := cache.Incr(background, "n", 2); n != 42 || err != nil {
		t.Errorf("Incr: %d, %v", n, err)
	}
	must(t, cache.Set(background, "n", uint64(1<<63)))
	if _, err := cache.Incr(background, "n", 1); !errors.Is(err, djredis.ErrDecode) {
		t.Errorf("Incr beyond 64 bits: %v", err)
	}
	value, err := cache.IncrValue(background, "n", 1)
	must(t, err)
	if big, err := value.BigInt(); err != nil || big.String() != "9223372036854775810" {
		t.Errorf("IncrValue: %v, %v", big, err)
	}
	if version, err := cache.IncrVersion(background, "n", 4); version != 5 || err != nil {
		t.Errorf("IncrVersion: %d, %v", version, err)
	}
	if there, err := cache.Has(background, "n", djredis.Version(5)); !there || err != nil {
		t.Errorf("Has in the new version: %v, %v", there, err)
	}
}

func TestPatterns(t *testing.T) {
	cache := open(t, djredis.Options{})
	for _, key := range []string{"user:1", "user:2", "user:\xff", "other"} {
		must(t, cache.Set(background, key, 1))
	}
	keys, err := cache.Keys(background, "user:*")
	must(t, err)
	var scanned []string
	cache.Scan(background, "user:*", djredis.Count(1))(func(key string, err error) bool {
		must(t, err)
		scanned = append(scanned, key)
		return true
	})
	want := []string{"user:1", "user:2", "user:\xff"}
	for _, got := range [][]string{keys, scanned} {
		sort.Strings(got)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %q", got)
		}
	}
	if n, err := cache.DeletePattern(background, "user:*"); n != 3 || err != nil {
		t.Errorf("DeletePattern: %d, %v", n, err)
	}
	if there, err := cache.Has(background, "other"); !there || err != nil {
		t.Errorf("other: %v, %v", there, err)
	}
}

func TestScanEndsWhereItIsLeft(t *testing.T) {
	cache := open(t, djredis.Options{})
	must(t, cache.SetMany(background, map[string]any{"a": 1, "b": 1, "c": 1}))
	count := 0
	cache.Scan(background, "*")(func(string, error) bool {
		count++
		return false
	})
	if count != 1 {
		t.Errorf("yielded %d times after the caller had enough", count)
	}
}

func TestClosed(t *testing.T) {
	cache := open(t, djredis.Options{})
	must(t, cache.Set(background, "k", 1))
	must(t, cache.Close())
	must(t, cache.Close())
	var n int
	if err := cache.Get(background, "k", &n); !errors.Is(err, djredis.ErrClosed) {
		t.Errorf("Get after Close: %v", err)
	}
	cache.Scan(background, "*")(func(_ string, err error) bool {
		if !errors.Is(err, djredis.ErrClosed) {
			t.Errorf("Scan after Close: %v", err)
		}
		return true
	})
}
