package djredis_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"djredis"
)

// silent is the location of a server that takes connections and never says anything.
func silent(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { listener.Close() })
	return listener.Addr().String() + ":0"
}

// nobody is the location of a port where nobody listens.
func nobody(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	return listener.Addr().String() + ":0"
}

func TestTheContextsDeadlineEndsACall(t *testing.T) {
	cache := openAt(t, silent(t), djredis.Options{SocketTimeout: time.Minute})
	for name, call := range everyCall(cache) {
		ctx, cancel := context.WithTimeout(background, 50*time.Millisecond)
		start := time.Now()
		err := call(ctx)
		cancel()
		if !errors.Is(err, djredis.ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%s took %v", name, took)
		}
		var timeout net.Error
		var failed *djredis.Error
		if !errors.As(err, &failed) || !failed.Timeout() || errors.As(err, &timeout) && !timeout.Timeout() {
			t.Errorf("%s: no timeout: %#v", name, err)
		}
	}
}

func TestTheEarlierOfBothDeadlines(t *testing.T) {
	cache := openAt(t, silent(t), djredis.Options{SocketTimeout: 50 * time.Millisecond})
	ctx, cancel := context.WithTimeout(background, time.Minute)
	defer cancel()
	err := cache.Set(ctx, "k", 1)
	if !errors.Is(err, djredis.ErrTimeout) || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// What is on its way is not cut off by a cancelled context: it ends by the deadline, and says that it may have been done.
func TestCancelledDuringACall(t *testing.T) {
	cache := openAt(t, silent(t), djredis.Options{SocketTimeout: time.Minute})
	ctx, cancel := context.WithTimeout(background, 200*time.Millisecond)
	defer cancel()
	time.AfterFunc(20*time.Millisecond, cancel)
	err := cache.Set(ctx, "k", 1)
	if !errors.Is(err, djredis.ErrTimeout) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestCancelledWhileAnotherHasTheConnection(t *testing.T) {
	cache := open(t, djredis.Options{})
	must(t, cache.WithConn(background, func(conn *djredis.Conn) error {
		must(t, conn.Send(background, "BLPOP", t.Name(), 0))
		busy := make(chan error)
		waiting, stop := context.WithTimeout(background, 500*time.Millisecond)
		defer stop()
		go func() {
			_, err := conn.Receive(waiting)
			busy <- err
		}()
		time.Sleep(50 * time.Millisecond)
		ctx, cancel := context.WithCancel(background)
		time.AfterFunc(20*time.Millisecond, cancel)
		if _, err := conn.Command(ctx, "PING"); err == nil {
			t.Error("a reply, though the connection was busy")
		}
		if err := <-busy; err != djredis.ErrMiss {
			t.Errorf("Receive: %v", err)
		}
		return nil
	}))
}

func TestAContextThatIsDoneSendsNothing(t *testing.T) {
	cache := open(t, djredis.Options{})
	cancelled, cancel := context.WithCancel(background)
	cancel()
	expired, cancel := context.WithDeadline(background, time.Unix(1, 0))
	defer cancel()
	for name, call := range everyCall(cache) {
		err := call(cancelled)
		if !errors.Is(err, djredis.ErrInterrupted) || !errors.Is(err, context.Canceled) {
			t.Errorf("%s, cancelled: %v", name, err)
		}
		var failed *djredis.Error
		if !errors.As(err, &failed) || !failed.Retryable {
			t.Errorf("%s, cancelled: not retryable: %v", name, err)
		}
		if err := call(expired); !errors.Is(err, djredis.ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s, expired: %v", name, err)
		}
		if err := call(nil); !errors.Is(err, djredis.ErrArgument) || !strings.Contains(err.Error(), "context") {
			t.Errorf("%s, nil: %v", name, err)
		}
	}
	if stats, err := cache.Stats(); err != nil || stats.Connects != 0 {
		t.Errorf("something was sent: %+v, %v", stats, err)
	}
}

// everyCall has each method that sends something.
func everyCall(cache *djredis.Cache) map[string]func(context.Context) error {
	lock := cache.HeldLock("k", "token")
	return map[string]func(context.Context) error{
		"Get":        func(ctx context.Context) error { return cache.Get(ctx, "k", new(any)) },
		"GetRaw":     func(ctx context.Context) error { _, err := cache.GetRaw(ctx, "k"); return err },
		"Set":        func(ctx context.Context) error { return cache.Set(ctx, "k", 1) },
		"SetRaw":     func(ctx context.Context) error { return cache.SetRaw(ctx, "k", nil) },
		"Add":        func(ctx context.Context) error { return cache.Add(ctx, "k", 1) },
		"GetMany":    func(ctx context.Context) error { _, err := cache.GetMany(ctx, []string{"k"}); return err },
		"GetManyRaw": func(ctx context.Context) error { _, err := cache.GetManyRaw(ctx, []string{"k"}); return err },
		"SetMany":    func(ctx context.Context) error { return cache.SetMany(ctx, map[string]any{"k": 1}) },
		"SetManyRaw": func(ctx context.Context) error { return cache.SetManyRaw(ctx, map[string][]byte{"k": nil}) },
		"Delete":     func(ctx context.Context) error { _, err := cache.Delete(ctx, "k"); return err },
		"DeleteMany": func(ctx context.Context) error { _, err := cache.DeleteMany(ctx, []string{"k"}); return err },
		"Has":        func(ctx context.Context) error { _, err := cache.Has(ctx, "k"); return err },
		"Touch":      func(ctx context.Context) error { _, err := cache.Touch(ctx, "k"); return err },
		"TTL":        func(ctx context.Context) error { _, err := cache.TTL(ctx, "k"); return err },
		"Incr":       func(ctx context.Context) error { _, err := cache.Incr(ctx, "k", 1); return err },
		"IncrVersion": func(ctx context.Context) error {
			_, err := cache.IncrVersion(ctx, "k", 1)
			return err
		},
		"Move":          func(ctx context.Context) error { return cache.Move(ctx, "k", "l") },
		"Keys":          func(ctx context.Context) error { _, err := cache.Keys(ctx, "*"); return err },
		"DeletePattern": func(ctx context.Context) error { _, err := cache.DeletePattern(ctx, "*"); return err },
		"Clear":         cache.Clear,
		"Scan": func(ctx context.Context) (failed error) {
			cache.Scan(ctx, "*")(func(_ string, err error) bool {
				failed = err
				return true
			})
			return failed
		},
		"Lock":     func(ctx context.Context) error { _, err := cache.Lock(ctx, "k", time.Minute); return err },
		"LockWait": func(ctx context.Context) error { _, err := cache.LockWait(ctx, "k", time.Minute); return err },
		"Extend":   func(ctx context.Context) error { return lock.Extend(ctx, time.Minute) },
		"Unlock":   lock.Unlock,
		"Do":       func(ctx context.Context) error { _, err := cache.Do(ctx, "GET", djredis.Key("k")); return err },
		"Run": func(ctx context.Context) error {
			var batch djredis.Batch
			batch.Get("k")
			_, err := cache.Run(ctx, &batch)
			return err
		},
		"WithConn": func(ctx context.Context) error {
			return cache.WithConn(ctx, func(conn *djredis.Conn) error {
				_, err := conn.Command(ctx, "PING")
				return err
			})
		},
		"GetOrSet": func(ctx context.Context) error {
			return cache.GetOrSet(ctx, "k", new(int), func(context.Context) (any, error) { return 1, nil })
		},
	}
}

func TestIgnoredExceptions(t *testing.T) {
	var log recorder
	cache := openAt(t, nobody(t), djredis.Options{
		IgnoreExceptions: true, LogIgnoredExceptions: true, Logger: log.logger(), Password: "hunter2",
		Extra: map[string]string{"BREAKER_FAILURES": "0"},
	})
	// As if the cache were empty; but nobody may believe to have a lock, or that a condition was met.
	want := map[string]error{
		"Get": djredis.ErrMiss, "GetRaw": djredis.ErrMiss, "TTL": djredis.ErrMiss, "Add": djredis.ErrMiss,
		"Lock": djredis.ErrConnection, "LockWait": djredis.ErrConnection, "Extend": djredis.ErrConnection,
		"Unlock": djredis.ErrConnection, "WithConn": djredis.ErrConnection,
	}
	for name, call := range everyCall(cache) {
		before := log.count()
		if err := call(background); !errors.Is(err, want[name]) {
			t.Errorf("%s: %v", name, err)
		}
		if !errors.Is(want[name], djredis.ErrConnection) && log.count() == before {
			t.Errorf("%s logged nothing", name)
		}
	}
	if text := log.text(); !strings.Contains(text, "127.0.0.1:") || strings.Contains(text, "hunter2") {
		t.Errorf("logged %s", text)
	}
}
