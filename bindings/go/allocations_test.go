//go:build !race && go1.25

package djredis_test

import (
	"strings"
	"testing"
	"time"

	"djredis"
)

// What a call allocates: what it gives back, and nothing else. Older compilers let a little more escape.
func TestAllocations(t *testing.T) {
	cache := openAt(t, "memory:"+t.Name(), djredis.Options{})
	value := strings.Repeat("x", 100)
	must(t, cache.Set(background, "text", value))
	must(t, cache.Set(background, "int", 7))
	must(t, cache.Set(background, "user", ada))
	var text string
	var number int
	var user benchUser
	for name, row := range map[string]struct {
		most float64
		call func() error
	}{
		"Get an int":           {0, func() error { return cache.Get(background, "int", &number) }},
		"Get a text":           {1, func() error { return cache.Get(background, "text", &text) }},
		"Set an int":           {0, func() error { return cache.Set(background, "int", 7) }},
		"Set a text, with TTL": {2, func() error { return cache.Set(background, "text", value, djredis.TTL(time.Minute)) }},
		"Has":                  {0, func() error { _, err := cache.Has(background, "int"); return err }},
		"Incr":                 {1, func() error { _, err := cache.Incr(background, "int", 1); return err }},
		// Its strings, slice and map.
		"Get a struct": {10, func() error { return cache.Get(background, "user", &user) }},
	} {
		allocated := testing.AllocsPerRun(200, func() {
			if err := row.call(); err != nil {
				t.Error(err)
			}
		})
		if allocated > row.most {
			t.Errorf("%s: %v allocations, and at most %v are needed", name, allocated, row.most)
		}
	}
}
