package djredis_test

import (
	"errors"
	"runtime/pprof"
	"sync"
	"testing"
	"time"

	"djredis"
)

// On a server that hangs, calls keep few threads busy, and none of them waits for longer than it may, though nobody
// cancels it.
func TestManyCallsOnAHangingServer(t *testing.T) {
	const limit = 300 * time.Millisecond
	cache := openAt(t, silent(t), djredis.Options{
		SocketTimeout: limit, Extra: map[string]string{"BREAKER_FAILURES": "0"},
	})
	before := pprof.Lookup("threadcreate").Count()
	var group sync.WaitGroup
	for i := 0; i < 3000; i++ {
		if i%10 == 0 {
			time.Sleep(time.Millisecond)
		}
		group.Add(1)
		go func() {
			defer group.Done()
			start := time.Now()
			err := cache.Get(background, "k", new(int))
			if !errors.Is(err, djredis.ErrTimeout) && !errors.Is(err, djredis.ErrPool) {
				t.Errorf("got %v", err)
			}
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("took %v, and %v are allowed", took, limit)
			}
		}()
	}
	group.Wait()
	if n := pprof.Lookup("threadcreate").Count() - before; n > 100 {
		t.Errorf("%d threads were started", n)
	}
}
