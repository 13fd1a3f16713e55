package djredis_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"djredis"
)

// What Go keeps of the near cache's values: each of these reads is of Go's own copy from the third on.

// readCopy reads a key often enough, and tells whether Go's copy was read.
func readCopy[T any](t *testing.T, cache *djredis.Cache, key string, opts ...djredis.GetOption) T {
	t.Helper()
	var value T
	for end := time.Now().Add(time.Minute); !djredis.HasCopy(cache, key, opts...); {
		must(t, cache.Get(background, key, &value, opts...))
		if time.Now().After(end) {
			t.Fatalf("%q is never kept", key)
		}
	}
	must(t, cache.Get(background, key, &value, opts...))
	return value
}

func TestCopiesOfEveryKindAreTheCallersOwn(t *testing.T) {
	cache := openNear(t)
	must(t, cache.Set(background, "bytes", []byte("abc")))
	must(t, cache.Set(background, "list", []string{"a", "b"}))
	must(t, cache.Set(background, "none", nil))
	must(t, cache.Set(background, "float", 1.5))
	for i := 0; i < 2; i++ {
		got := readCopy[[]byte](t, cache, "bytes")
		if string(got) != "abc" {
			t.Fatalf("%q", got)
		}
		got[0] = 'x'
		list := readCopy[[]string](t, cache, "list")
		if fmt.Sprint(list) != "[a b]" {
			t.Fatal(list)
		}
		list[0] = "x"
		if got, err := readCopy[djredis.Value](t, cache, "bytes").Bytes(); string(got) != "abc" || err != nil {
			t.Fatalf("%q, %v", got, err)
		}
	}
	if got := readCopy[any](t, cache, "none"); got != nil {
		t.Error(got)
	}
	if got := readCopy[float32](t, cache, "float"); got != 1.5 {
		t.Error(got)
	}
}

func TestCopiesEndWithEachWrite(t *testing.T) {
	cache, other := openNear(t), openAt(t, location, djredis.Options{KeyPrefix: t.Name()})
	writes := map[string]func() error{
		"set":          func() error { return cache.Set(background, "k", "new") },
		"delete":       func() error { _, err := cache.Delete(background, "k"); return err },
		"incr_version": func() error { _, err := cache.IncrVersion(background, "k", 1); return err },
		"command":      func() error { _, err := cache.Do(background, "DEL", djredis.Key("k")); return err },
		"set_many":     func() error { return cache.SetMany(background, map[string]any{"k": "new"}) },
		"clear":        func() error { return cache.Clear(background) },
	}
	for name, write := range writes {
		must(t, cache.Set(background, "k", "old"))
		if got := readCopy[string](t, cache, "k"); got != "old" {
			t.Fatal(got)
		}
		must(t, write())
		if got, err := djredis.Get[string](background, cache, "k"); got == "old" {
			t.Errorf("after %s: %q, %v", name, got, err)
		}
	}
	must(t, cache.Set(background, "k", "old"))
	readCopy[string](t, cache, "k")
	must(t, other.Set(background, "k", "another's"))
	for end := time.Now().Add(time.Minute); ; {
		if got, err := djredis.Get[string](background, cache, "k"); err != nil || time.Now().After(end) {
			t.Fatal(got, err)
		} else if got == "another's" {
			break
		}
	}
}

func TestCopiesOutliveNeitherTheirTimeNorTheCache(t *testing.T) {
	cache := openNear(t)
	const life = 300 * time.Millisecond
	must(t, cache.Set(background, "short", "v", djredis.TTL(life)))
	set := time.Now()
	for {
		// The server counts in milliseconds, and its clock is not Go's.
		over := time.Since(set) > life+5*time.Millisecond
		_, err := djredis.Get[string](background, cache, "short")
		if err == djredis.ErrMiss {
			break
		}
		must(t, err)
		if over {
			t.Fatal("it was read when its time was over")
		}
	}
	must(t, cache.Set(background, "k", "v"))
	readCopy[string](t, cache, "k")
	ended, end := context.WithCancel(background)
	end()
	if err := cache.Get(ended, "k", new(string)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	must(t, cache.Close())
	if err := cache.Get(background, "k", new(string)); !errors.Is(err, djredis.ErrClosed) {
		t.Error(err)
	}
}

func TestCopiesKnowHowTheyWereAskedForAndAreCounted(t *testing.T) {
	cache := openNear(t)
	must(t, cache.Set(background, "k", "one"))
	must(t, cache.Set(background, "k", "two", djredis.Version(2)))
	readCopy[string](t, cache, "k")
	before := nearStats(t, cache)
	for i := 0; i < 100; i++ {
		if got, err := djredis.Get[string](background, cache, "k"); got != "one" || err != nil {
			t.Fatal(got, err)
		}
	}
	after := nearStats(t, cache)
	if after.NearHits-before.NearHits != 100 || after.Hits-before.Hits != 100 || after.NearMisses != before.NearMisses {
		t.Errorf("%+v, then %+v", before, after)
	}
	if got := readCopy[string](t, cache, "k", djredis.Version(2)); got != "two" {
		t.Error(got)
	}
	if got := readCopy[string](t, cache, "k"); got != "one" {
		t.Error(got)
	}
	made := t.Name() + ":1:k"
	if got := readCopy[string](t, cache, made, djredis.KeyMade); got != "one" {
		t.Error(got)
	}
	if err := cache.Get(background, made, new(string)); err != djredis.ErrMiss {
		t.Error(err)
	}
	if got := readCopy[djredis.Payload](t, cache, "k", djredis.AsPayload); len(got.Data) == 0 {
		t.Errorf("%+v", got)
	}
}

// They take half as many bytes as NEAR_CACHE at most, whatever is read.
func TestCopiesAreBounded(t *testing.T) {
	cache := openNear(t)
	value := strings.Repeat("x", 20_000)
	for i := 0; i < 1000; i++ {
		key := fmt.Sprint(i)
		must(t, cache.Set(background, key, value))
		for j := 0; j < 2; j++ {
			must(t, cache.Get(background, key, new(string)))
		}
		if held := djredis.CopiedBytes(cache); held > 2<<20 {
			t.Fatal(held)
		}
	}
	if djredis.CopiedBytes(cache) == 0 {
		t.Error("nothing is kept")
	}
}
