//go:build !race

package djredis_test

import (
	"fmt"
	"runtime"
	"runtime/pprof"
	"sync"
	"testing"
	"time"

	"djredis"
)

// A hundred thousand callers at once share few threads, and little memory beside their own stacks. (The race detector knows
// only 8,128 goroutines.)
func TestAHundredThousandGoroutines(t *testing.T) {
	const callers = 100_000
	cache := open(t, djredis.Options{SocketTimeout: 5 * time.Minute})
	threads := pprof.Lookup("threadcreate")
	before := threads.Count()
	var ready, group sync.WaitGroup
	start := make(chan struct{})
	for i := 0; i < callers; i++ {
		ready.Add(1)
		group.Add(1)
		go func(i int) {
			defer group.Done()
			ready.Done()
			<-start
			key := fmt.Sprint("k", i%1000)
			if err := cache.Set(background, key, key); err != nil {
				t.Error(err)
			}
			if got, err := djredis.Get[string](background, cache, key); got != key || err != nil {
				t.Errorf("%s: got %q, %v", key, got, err)
			}
		}(i)
	}
	ready.Wait()
	close(start)
	group.Wait()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	t.Logf("%d threads, %d MiB", threads.Count()-before, memory.Sys>>20)
	if n := threads.Count() - before; n > 100 {
		t.Errorf("%d threads were started", n)
	}
	if memory.Sys > callers*20<<10 {
		t.Errorf("%d MiB for %d goroutines", memory.Sys>>20, callers)
	}
}
