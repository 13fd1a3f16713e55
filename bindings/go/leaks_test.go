package djredis_test

import (
	"errors"
	"os"
	"reflect"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"djredis"
)

const (
	callsOfARound = 20
	growthKiB     = 32 << 10
)

// A process does not grow with its calls and its caches: `make leaks` makes a million calls.
func TestAProcessDoesNotGrow(t *testing.T) {
	calls := 10000
	if asked := os.Getenv("DJREDIS_LEAKS"); asked != "" {
		calls, _ = strconv.Atoi(asked)
	}
	for _, place := range []string{location, "memory:leaks"} {
		cache := openAt(t, place, djredis.Options{KeyPrefix: t.Name()})
		work := func(rounds int) {
			for number := 0; number < rounds && !t.Failed(); number++ {
				roundOfCalls(t, cache)
				if number%20 == 0 {
					own, err := djredis.Open(place, djredis.Options{KeyPrefix: "of its own"})
					must(t, err)
					if err := own.Get(background, "nothing", new(any)); !errors.Is(err, djredis.ErrMiss) {
						t.Error(err)
					}
					must(t, own.Close())
				}
			}
		}
		rounds := calls / callsOfARound
		work(rounds / 5)
		kib, files := sizeNow(t)
		work(rounds)
		kibAfter, filesAfter := sizeNow(t)
		t.Logf("Go, %s, %d calls: KiB %d -> %d, files %d -> %d", strings.SplitN(place, ":", 2)[0], rounds*callsOfARound, kib, kibAfter, files, filesAfter)
		if kibAfter > kib+growthKiB || filesAfter > files {
			t.Errorf("%s: KiB %d -> %d, files %d -> %d", place, kib, kibAfter, files, filesAfter)
		}
	}
}

// roundOfCalls makes calls of every kind.
func roundOfCalls(t *testing.T, cache *djredis.Cache) {
	value := map[string]any{"name": "Ada", "tags": []any{"a", "b"}, "born": int64(1815), "text": strings.Repeat("x", 200)}
	must(t, cache.Set(background, "k", value))
	var found any
	must(t, cache.Get(background, "k", &found))
	if !reflect.DeepEqual(found, any(value)) {
		t.Fatal(found)
	}
	if err := cache.Get(background, "nothing", &found); !errors.Is(err, djredis.ErrMiss) {
		t.Fatal(err)
	}
	if _, err := cache.Incr(background, "k", 1); err == nil {
		t.Fatal("a map was counted up")
	}
	must(t, cache.SetMany(background, map[string]any{"a": value, "b": "text", "n": 1}))
	many, err := cache.GetMany(background, []string{"a", "b", "c"})
	must(t, err)
	if len(many) != 2 {
		t.Fatal(many)
	}
	_, err = cache.Incr(background, "n", 1)
	must(t, err)
	keys, err := cache.Keys(background, "?")
	must(t, err)
	if len(keys) != 4 {
		t.Fatal(keys)
	}
	cache.Scan(background, "*")(func(_ string, err error) bool { return err == nil })
	var batch djredis.Batch
	batch.Set("x", value)
	batch.Get("x")
	batch.Delete("x")
	_, err = cache.Run(background, &batch)
	must(t, err)
	must(t, cache.SetRaw(background, "bad", []byte("\x80\x05](")))
	if err := cache.Get(background, "bad", &found); err == nil {
		t.Fatal("a bad pickle was read")
	}
	lock, err := cache.Lock(background, "lock", time.Minute)
	must(t, err)
	must(t, lock.Unlock(background))
	_, err = cache.Stats()
	must(t, err)
	_, err = cache.DeletePattern(background, "*")
	must(t, err)
}

// sizeNow returns resident KiB, after a collection, and open files.
func sizeNow(t *testing.T) (kib, files int) {
	debug.FreeOSMemory()
	statm, err := os.ReadFile("/proc/self/statm")
	must(t, err)
	pages, err := strconv.Atoi(strings.Fields(string(statm))[1])
	must(t, err)
	open, err := os.ReadDir("/proc/self/fd")
	must(t, err)
	return pages * os.Getpagesize() >> 10, len(open)
}
