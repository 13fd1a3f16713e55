package djredis_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"djredis"
)

// Each goroutine must get its own values, though a thousand of them share four connections.
func TestManyGoroutinesOnASmallPool(t *testing.T) {
	cache := open(t, djredis.Options{MaxConnections: 4, SocketTimeout: time.Minute})
	var group sync.WaitGroup
	for i := 0; i < 1000; i++ {
		group.Add(1)
		go func(i int) {
			defer group.Done()
			key := fmt.Sprint("k", i)
			if err := cache.Set(background, key, []string{key, strings.Repeat("x", i)}); err != nil {
				t.Error(err)
				return
			}
			got, err := djredis.Get[[]string](background, cache, key)
			if err != nil || got[0] != key || len(got[1]) != i {
				t.Errorf("%s: got %.50q, %v", key, got, err)
			}
		}(i)
	}
	group.Wait()
}

// More callers than there are frames: the rest waits in Go, and ends with its context.
func TestMoreCallsAtOnceThanThreads(t *testing.T) {
	if testing.Short() {
		t.Skip("starts hundreds of threads")
	}
	cache := openAt(t, silent(t), djredis.Options{SocketTimeout: 2 * time.Second})
	ctx, cancel := context.WithTimeout(background, 300*time.Millisecond)
	defer cancel()
	var group sync.WaitGroup
	for i := 0; i < 1000; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			if err := cache.Set(ctx, "k", 1); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
		}()
	}
	group.Wait()
}

// Goroutines that keep a thread of the system for themselves, as those that call other C libraries do.
func TestLockedThreads(t *testing.T) {
	cache := open(t, djredis.Options{MaxConnections: 4, SocketTimeout: time.Minute})
	var group sync.WaitGroup
	for i := 0; i < 100; i++ {
		group.Add(1)
		go func(i int) {
			defer group.Done()
			runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
			key := fmt.Sprint("k", i)
			for round := 0; round < 10; round++ {
				if err := cache.Set(background, key, i*round); err != nil {
					t.Error(err)
				}
				if got, err := djredis.Get[int](background, cache, key); got != i*round || err != nil {
					t.Errorf("%s: got %d, %v", key, got, err)
				}
			}
		}(i)
	}
	group.Wait()
}

// The collector frees caches, which nothing but a running call refers to, on another thread.
func TestFinalizersRaceCalls(t *testing.T) {
	collect := make(chan struct{})
	var group, collector sync.WaitGroup
	collector.Add(1)
	go func() {
		defer collector.Done()
		for {
			select {
			case <-collect:
				return
			default:
				runtime.GC()
			}
		}
	}()
	for i := 0; i < 8; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for round := 0; round < 50; round++ {
				cache, err := djredis.Open(location, djredis.Options{KeyPrefix: t.Name()})
				if err != nil {
					t.Error(err)
					return
				}
				useForTheLastTime(t, cache, round%4)
			}
		}()
	}
	group.Wait()
	close(collect)
	collector.Wait()
}

func useForTheLastTime(t *testing.T, cache *djredis.Cache, way int) {
	var err error
	switch way {
	case 0:
		err = cache.Set(background, "k", []int{1})
	case 1:
		_, err = cache.MakeKey("k")
	case 2:
		count := 0
		cache.Scan(background, "*")(func(_ string, failed error) bool {
			err = failed
			count++
			return count < 2
		})
	case 3:
		err = cache.WithConn(background, func(conn *djredis.Conn) error {
			_, err := conn.Command(background, "PING")
			return err
		})
	}
	if err != nil {
		t.Error(err)
	}
}

// Caches that nobody closes are freed by the collector, while others are in use.
func TestGarbage(t *testing.T) {
	where := location
	for i := 0; i < 50; i++ {
		cache, err := djredis.Open(where, djredis.Options{KeyPrefix: t.Name()})
		must(t, err)
		must(t, cache.SetMany(background, map[string]any{"a": strings.Repeat("a", 5000), "b": []int{i}}))
		value, err := djredis.Get[djredis.Value](background, cache, "b")
		must(t, err)
		found, err := cache.GetMany(background, []string{"a", "b"})
		must(t, err)
		cache = nil
		runtime.GC()
		var n []int
		must(t, value.Decode(&n))
		text, err := found["a"].Text()
		if n[0] != i || err != nil || len(text) != 5000 {
			t.Fatalf("round %d: %v, %d bytes, %v", i, n, len(text), err)
		}
	}
	runtime.GC()
}

func TestCloseWhileOthersWork(t *testing.T) {
	cache := open(t, djredis.Options{})
	var group sync.WaitGroup
	for i := 0; i < 20; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for {
				if err := cache.Set(background, "k", 1); err != nil {
					if !errors.Is(err, djredis.ErrClosed) {
						t.Error(err)
					}
					return
				}
			}
		}()
	}
	time.Sleep(20 * time.Millisecond)
	must(t, cache.Close())
	group.Wait()
}

func TestAPanicLosesNothing(t *testing.T) {
	cache := open(t, djredis.Options{MaxConnections: 1, SocketTimeout: 10 * time.Second})
	for i := 0; i < 600; i++ {
		func() {
			defer func() { recover() }()
			cache.WithConn(background, func(*djredis.Conn) error { panic("the program's own") })
		}()
	}
	must(t, cache.Set(background, "k", 1))
}

func TestConnections(t *testing.T) {
	cache := open(t, djredis.Options{MaxConnections: 1})
	var kept *djredis.Conn
	must(t, cache.WithConn(background, func(conn *djredis.Conn) error {
		kept = conn
		if reply, err := conn.Command(background, "SET", t.Name(), 5); reply != "OK" || err != nil {
			t.Errorf("SET: %v, %v", reply, err)
		}
		replies, err := conn.Pipeline(background, []any{"INCR", t.Name()}, []any{"LPUSH", t.Name(), "x"}, []any{"GET", "nothing"})
		must(t, err)
		if failed, ok := replies[1].(error); len(replies) != 3 || replies[0] != int64(6) || !ok || !errors.Is(failed, djredis.ErrType) || replies[2] != nil {
			t.Errorf("Pipeline: %v", replies)
		}
		if replies, err := conn.Multi(background, []any{"INCR", t.Name()}); err != nil || replies[0] != int64(7) {
			t.Errorf("Multi: %v, %v", replies, err)
		}
		if _, err := conn.Command(background, "GET", djredis.Key("k")); !errors.Is(err, djredis.ErrArgument) {
			t.Errorf("a Key on a connection: %v", err)
		}
		return nil
	}))
	if _, err := kept.Command(background, "PING"); !errors.Is(err, djredis.ErrClosed) {
		t.Errorf("after WithConn: %v", err)
	}
	must(t, cache.Set(background, "k", 1)) // the only connection is free again
	own := errors.New("own")
	if err := cache.WithConn(background, func(*djredis.Conn) error { return own }); err != own {
		t.Errorf("got %v", err)
	}
}

func TestPublishAndSubscribe(t *testing.T) {
	cache := open(t, djredis.Options{})
	must(t, cache.WithConn(background, func(conn *djredis.Conn) error {
		must(t, conn.Send(background, "SUBSCRIBE", t.Name()))
		if _, err := conn.Receive(background); err != nil {
			t.Error(err)
		}
		short, cancel := context.WithTimeout(background, 20*time.Millisecond)
		defer cancel()
		if _, err := conn.Receive(short); err != djredis.ErrMiss {
			t.Errorf("a quiet channel: %v", err)
		}
		_, err := cache.Do(background, "PUBLISH", t.Name(), "hello")
		must(t, err)
		message, err := conn.Receive(background)
		if got := fmt.Sprintf("%s", message); err != nil || got != "[message "+t.Name()+" hello]" {
			t.Errorf("Receive: %s, %v", got, err)
		}
		return nil
	}))
}

func TestLocks(t *testing.T) {
	cache := open(t, djredis.Options{})
	lock, err := cache.Lock(background, "l", time.Minute)
	must(t, err)
	if _, err := cache.Lock(background, "l", time.Minute); err != djredis.ErrMiss {
		t.Errorf("a lock that somebody has: %v", err)
	}
	short, cancel := context.WithTimeout(background, 50*time.Millisecond)
	defer cancel()
	if _, err := cache.LockWait(short, "l", time.Minute); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("LockWait: %v", err)
	}
	must(t, lock.Extend(background, time.Hour))
	if ttl, err := cache.TTL(background, "l"); err != nil || ttl < 30*time.Minute {
		t.Errorf("TTL: %v, %v", ttl, err)
	}
	go func() {
		time.Sleep(30 * time.Millisecond)
		if err := lock.Unlock(background); err != nil {
			t.Error(err)
		}
	}()
	second, err := cache.LockWait(background, "l", time.Minute)
	must(t, err)
	if err := lock.Unlock(background); err != djredis.ErrMiss {
		t.Errorf("Unlock of another's lock: %v", err)
	}
	must(t, cache.HeldLock("l", second.Token()).Unlock(background))
}

func TestGetOrSet(t *testing.T) {
	cache := open(t, djredis.Options{})
	calls := 0
	build := func(context.Context) ([]int, error) { calls++; return []int{1, 2}, nil }
	for i := 0; i < 2; i++ {
		if got, err := djredis.GetOrSet(background, cache, "k", build, djredis.TTL(time.Minute)); len(got) != 2 || err != nil {
			t.Errorf("got %v, %v", got, err)
		}
	}
	if calls != 1 {
		t.Errorf("called %d times", calls)
	}
	own := errors.New("own")
	err := cache.GetOrSet(background, "other", new(int), func(context.Context) (any, error) { return nil, own })
	if err != own {
		t.Errorf("got %v", err)
	}
	// Another caller is faster.
	got, err := djredis.GetOrSet(background, cache, "race", func(ctx context.Context) (string, error) {
		return "mine", cache.Set(ctx, "race", "theirs")
	})
	if got != "theirs" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	var n int
	err = cache.GetOrSet(background, "text", &n, func(context.Context) (any, error) { return "text", nil })
	if !errors.Is(err, djredis.ErrDecode) {
		t.Errorf("a value that does not fit: %v", err)
	}
}

func TestBatch(t *testing.T) {
	cache := open(t, djredis.Options{})
	var batch djredis.Batch
	batch.Set("a", []string{"x"}, djredis.TTL(time.Minute))
	batch.Get("a")
	batch.Incr("missing", 1)
	batch.Has("missing")
	results, err := cache.Run(background, &batch)
	must(t, err)
	if len(results) != batch.Len() || results[0].Err != nil || results[1].Err != nil || results[3].Err != djredis.ErrMiss {
		t.Fatalf("got %+v", results)
	}
	if got := new([]string); results[1].Value.Decode(got) != nil || (*got)[0] != "x" {
		t.Errorf("got %v", *got)
	}
	if !errors.Is(results[2].Err, djredis.ErrNotFound) {
		t.Errorf("got %v", results[2].Err)
	}
	batch.Set("b", func() {})
	if _, err := cache.Run(background, &batch); !errors.Is(err, djredis.ErrEncode) {
		t.Errorf("got %v", err)
	}
}

// What is not even MessagePack never gets further than an error.
func FuzzParseValue(f *testing.F) {
	for _, seed := range []string{"\xc0", "\x93\x01\xa1x\xcb\x40\x00\x00\x00\x00\x00\x00\x00", "\x81\xa1a\xc0", "\xc9\x00\x00\x00\x02\x05\x91\x01", "\xdd\xff\xff\xff\xff", "\xc7\x0c\x08"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		value, err := djredis.ParseValue(data)
		if err != nil {
			return
		}
		found, err := value.Any()
		if err != nil {
			return
		}
		if again, err := djredis.ValueOf(found); err == nil {
			if _, err := again.Any(); err != nil {
				t.Errorf("%x: written again as %v: %v", data, again, err)
			}
		}
		_, _ = value.Items()
		_, _ = value.Entries()
		_, _ = value.Field("a")
		_ = value.Len()
	})
}
