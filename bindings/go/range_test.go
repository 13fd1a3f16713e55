//go:build go1.23

package djredis_test

import (
	"errors"
	"iter"
	"testing"

	"djredis"
)

func TestScanInARange(t *testing.T) {
	cache := open(t, djredis.Options{})
	must(t, cache.SetMany(background, map[string]any{"a": 1, "b": 1}))
	var keys iter.Seq2[string, error] = cache.Scan(background, "*")
	for round := 0; round < 2; round++ {
		found := map[string]bool{}
		for key, err := range keys {
			must(t, err)
			found[key] = true
		}
		if len(found) != 2 {
			t.Errorf("found %v", found)
		}
	}
	for range keys {
		break
	}
	must(t, cache.Close())
	count := 0
	for key, err := range keys {
		count++
		if key != "" || !errors.Is(err, djredis.ErrClosed) {
			t.Errorf("after Close: %q, %v", key, err)
		}
	}
	if count != 1 {
		t.Errorf("%d errors after Close", count)
	}
}
