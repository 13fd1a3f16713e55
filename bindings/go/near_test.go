package djredis_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"djredis"
)

func openNear(t *testing.T) *djredis.Cache {
	return openAt(t, location, djredis.Options{KeyPrefix: t.Name(), Extra: map[string]string{"NEAR_CACHE": "4194304"}})
}

func nearStats(t *testing.T, cache *djredis.Cache) djredis.Stats {
	t.Helper()
	stats, err := cache.Stats()
	must(t, err)
	return stats
}

// A hit is counted once, and so is a miss, though the near cache is asked twice.
func TestNearHitsAndMissesAreCountedOnce(t *testing.T) {
	cache := openNear(t)
	must(t, cache.Set(background, "k", "v"))
	for i := 0; i < 3; i++ {
		if value, err := djredis.Get[string](background, cache, "k"); value != "v" || err != nil {
			t.Fatal(value, err)
		}
	}
	if _, err := djredis.Get[string](background, cache, "gone"); err != djredis.ErrMiss {
		t.Fatal(err)
	}
	if yes, err := cache.Has(background, "k"); !yes || err != nil {
		t.Fatal(yes, err)
	}
	got := nearStats(t, cache)
	if got.NearHits != 3 || got.NearMisses != 2 || got.Hits != 3 || got.Misses != 1 {
		t.Errorf("%+v", got)
	}
}

func TestNearErrorsAreThoseOfTheServersValue(t *testing.T) {
	cache := openNear(t)
	must(t, cache.SetRaw(background, "broken", []byte("\x80\x05broken")))
	for i := 0; i < 3; i++ {
		var failed *djredis.Error
		if err := cache.Get(background, "broken", new(string)); !errors.As(err, &failed) || failed.Status != djredis.ErrDecode {
			t.Fatal(err)
		}
	}
	must(t, cache.Set(background, "text", "no number"))
	for i := 0; i < 3; i++ {
		if err := cache.Get(background, "text", new(int)); !errors.Is(err, djredis.ErrDecode) {
			t.Fatal(err)
		}
	}
	ended, end := context.WithCancel(background)
	end()
	if err := cache.Get(ended, "text", new(string)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	must(t, cache.Close())
	if err := cache.Get(background, "text", new(string)); !errors.Is(err, djredis.ErrClosed) {
		t.Error(err)
	}
}

// What is large is left to the usual way.
func TestNearLargeValues(t *testing.T) {
	cache := openNear(t)
	large := strings.Repeat("x", 100_000)
	must(t, cache.Set(background, "large", large))
	for i := 0; i < 3; i++ {
		if value, err := djredis.Get[string](background, cache, "large"); value != large || err != nil {
			t.Fatal(len(value), err)
		}
	}
	if got := nearStats(t, cache); got.NearHits != 2 || got.NearMisses != 1 {
		t.Errorf("%+v", got)
	}
}

// Own writes are read at once by all goroutines, whatever way each call goes.
func TestNearOwnWritesAreReadAtOnce(t *testing.T) {
	cache := openNear(t)
	var all sync.WaitGroup
	for i := 0; i < 32; i++ {
		all.Add(1)
		go func(key string) {
			defer all.Done()
			for n := 0; n < 200; n++ {
				if err := cache.Set(background, key, n); err != nil {
					t.Error(err)
					return
				}
				for again := 0; again < 3; again++ {
					if got, err := djredis.Get[int](background, cache, key); got != n || err != nil {
						t.Error(got, n, err)
						return
					}
				}
			}
		}(string(rune('a' + i)))
	}
	all.Wait()
}
