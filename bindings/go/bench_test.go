package djredis_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"djredis"
)

// The benchmarks run on memory:, so that what they measure is this package and the crossing of the ABI.

type benchUser struct {
	Name   string         `djredis:"name"`
	Age    int            `djredis:"age"`
	Active bool           `djredis:"active"`
	Score  float64        `djredis:"score"`
	Tags   []string       `djredis:"tags"`
	Counts map[string]int `djredis:"counts"`
	Joined time.Time      `djredis:"joined"`
}

var ada = benchUser{
	Name: "Ada", Age: 36, Active: true, Score: 1.5, Tags: []string{"a", "b", "c"}, Counts: map[string]int{"x": 1, "y": 2},
	Joined: time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC),
}

func benchmark(b *testing.B, call func(cache *djredis.Cache, i int) error) {
	cache := openAt(b, "memory:"+b.Name(), djredis.Options{})
	text := strings.Repeat("x", 100)
	for key, value := range map[string]any{"text": text, "bytes": []byte(text), "int": 1234567, "user": ada} {
		must(b, cache.Set(background, key, value))
	}
	for i := 0; i < 100; i++ {
		must(b, cache.Set(background, manyKeys[i], text))
		must(b, cache.Set(background, "user:"+manyKeys[i], ada))
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; i < b.N; i++ {
		if err := call(cache, i); err != nil {
			b.Fatal(err)
		}
	}
}

var manyKeys = func() (keys []string) {
	for i := 0; i < 100; i++ {
		keys = append(keys, fmt.Sprint("many:", i))
	}
	return keys
}()

func BenchmarkGetText(b *testing.B) {
	var text string
	benchmark(b, func(cache *djredis.Cache, _ int) error { return cache.Get(background, "text", &text) })
}

func BenchmarkGetTextGeneric(b *testing.B) {
	benchmark(b, func(cache *djredis.Cache, _ int) error {
		_, err := djredis.Get[string](background, cache, "text")
		return err
	})
}

func BenchmarkGetInt(b *testing.B) {
	var number int
	benchmark(b, func(cache *djredis.Cache, _ int) error { return cache.Get(background, "int", &number) })
}

func BenchmarkGetMiss(b *testing.B) {
	var text string
	benchmark(b, func(cache *djredis.Cache, _ int) error {
		if err := cache.Get(background, "missing", &text); err != djredis.ErrMiss {
			return fmt.Errorf("no miss: %v", err)
		}
		return nil
	})
}

func BenchmarkGetStruct(b *testing.B) {
	var user benchUser
	benchmark(b, func(cache *djredis.Cache, _ int) error { return cache.Get(background, "user", &user) })
}

func BenchmarkGetAny(b *testing.B) {
	var user any
	benchmark(b, func(cache *djredis.Cache, _ int) error { return cache.Get(background, "user", &user) })
}

func BenchmarkSetText(b *testing.B) {
	text := strings.Repeat("x", 100)
	benchmark(b, func(cache *djredis.Cache, _ int) error { return cache.Set(background, "text", text) })
}

func BenchmarkSetTextTTL(b *testing.B) {
	text := strings.Repeat("x", 100)
	benchmark(b, func(cache *djredis.Cache, _ int) error {
		return cache.Set(background, "text", text, djredis.TTL(time.Minute))
	})
}

func BenchmarkSetInt(b *testing.B) {
	benchmark(b, func(cache *djredis.Cache, i int) error { return cache.Set(background, "int", i) })
}

func BenchmarkSetStruct(b *testing.B) {
	benchmark(b, func(cache *djredis.Cache, _ int) error { return cache.Set(background, "user", &ada) })
}

func BenchmarkIncr(b *testing.B) {
	benchmark(b, func(cache *djredis.Cache, _ int) error {
		_, err := cache.Incr(background, "int", 1)
		return err
	})
}

func BenchmarkGetMany100(b *testing.B) {
	benchmark(b, func(cache *djredis.Cache, _ int) error {
		found, err := cache.GetMany(background, manyKeys)
		if err != nil || len(found) != len(manyKeys) {
			return fmt.Errorf("%d values, %v", len(found), err)
		}
		for _, value := range found {
			if _, err := value.Text(); err != nil {
				return err
			}
		}
		return nil
	})
}

func BenchmarkSetMany100(b *testing.B) {
	values := map[string]any{}
	for _, key := range manyKeys {
		values[key] = strings.Repeat("x", 100)
	}
	benchmark(b, func(cache *djredis.Cache, _ int) error { return cache.SetMany(background, values) })
}

func BenchmarkParallel(b *testing.B) {
	cache := openAt(b, "memory:"+b.Name(), djredis.Options{})
	must(b, cache.Set(background, "text", "hello"))
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		var text string
		for pb.Next() {
			if err := cache.Get(background, "text", &text); err != nil {
				b.Error(err)
			}
		}
	})
}
