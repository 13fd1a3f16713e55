package djredis_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"djredis"
)

// What holds for a call by itself holds for one that is sent with others.
func TestGatheredCallsAreTheSame(t *testing.T) {
	gatherAll = true
	defer func() { gatherAll = false }()
	for name, test := range map[string]func(*testing.T){
		"SetAndGet": TestSetAndGet, "Conditions": TestConditions, "Times": TestTimes, "Counters": TestCounters, "Closed": TestClosed,
		"GetOrSet": TestGetOrSet, "Types": TestPythonsValuesAndBack, "Moments": TestMoments, "Structs": TestStructs,
		"AnObjectsFields": TestAnObjectsFields, "WhatDoesNotFit": TestWhatDoesNotFit, "WhatCantBeStored": TestWhatCantBeStored,
		"GosOwnTypes": TestGosOwnTypes, "Stored": TestStoredBytesOfADecodeError, "Password": TestNoErrorShowsAPassword,
		"Deadline": TestTheContextsDeadlineEndsACall, "EarlierDeadline": TestTheEarlierOfBothDeadlines,
		"Done": TestAContextThatIsDoneSendsNothing, "Ignored": TestIgnoredExceptions, "Goroutines": TestManyGoroutinesOnASmallPool,
		"Big": TestBigValues, "Close": TestCloseWhileOthersWork, "UUIDs": TestUUIDs,
	} {
		t.Run(name, test)
	}
}

// A call on its way with others ends with its own context, at once, and says that it may have been executed.
func TestCancelledOnTheWay(t *testing.T) {
	cache := openAt(t, silent(t), djredis.Options{SocketTimeout: 20 * time.Second})
	djredis.GatherAll(cache)
	for name, call := range map[string]func(context.Context) error{
		"Get": func(ctx context.Context) error { return cache.Get(ctx, "k", new(any)) },
		"Set": func(ctx context.Context) error { return cache.Set(ctx, "k", 1) },
	} {
		ctx, cancel := context.WithCancel(background)
		time.AfterFunc(100*time.Millisecond, cancel)
		start := time.Now()
		err := call(ctx)
		var failed *djredis.Error
		if !errors.As(err, &failed) || failed.Status != djredis.ErrInterrupted || !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		} else if failed.Retryable || !failed.MaybeSent() {
			t.Errorf("%s: %+v", name, failed)
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
}

// So it is with IgnoreExceptions: the server does not answer in time, and that is ignored.
func TestIgnoredOnTheWay(t *testing.T) {
	cache := openAt(t, silent(t), djredis.Options{SocketTimeout: 20 * time.Second, IgnoreExceptions: true})
	djredis.GatherAll(cache)
	ctx, cancel := context.WithTimeout(background, 50*time.Millisecond)
	defer cancel()
	if err := cache.Get(ctx, "k", new(any)); err != djredis.ErrMiss {
		t.Errorf("Get: %v", err)
	}
}

// One caller's short deadline is no other's.
func TestEachHasItsOwnDeadline(t *testing.T) {
	cache := openAt(t, silent(t), djredis.Options{SocketTimeout: time.Second})
	djredis.GatherAll(cache)
	var group sync.WaitGroup
	for i := 0; i < 40; i++ {
		group.Add(1)
		go func(i int) {
			defer group.Done()
			ctx, cancel := context.WithTimeout(background, time.Duration(1+i%2*60_000)*50*time.Millisecond)
			defer cancel()
			err := cache.Set(ctx, "k", i)
			if byContext := errors.Is(err, context.DeadlineExceeded); !errors.Is(err, djredis.ErrTimeout) || byContext != (i%2 == 0) {
				t.Errorf("%d: %v", i, err)
			}
		}(i)
	}
	group.Wait()
}

// Calls that can't be sent with others, or fail there, are made by themselves; their neighbours do not notice.
func TestBadNeighbours(t *testing.T) {
	cache := open(t, djredis.Options{})
	must(t, cache.SetRaw(background, "broken", []byte("\x80\x05broken")))
	_, err := cache.Do(background, "RPUSH", djredis.Key("list"), "x")
	must(t, err)
	must(t, cache.Set(background, "good", "fine"))
	djredis.GatherAll(cache)
	var group sync.WaitGroup
	for i := 0; i < 200; i++ {
		group.Add(1)
		go func(i int) {
			defer group.Done()
			switch i % 5 {
			case 0:
				if got, err := djredis.Get[string](background, cache, "good"); got != "fine" || err != nil {
					t.Errorf("got %q, %v", got, err)
				}
			case 1:
				var failed *djredis.Error
				if err := cache.Get(background, "broken", new(any)); !errors.As(err, &failed) || string(failed.Stored) != "\x80\x05broken" {
					t.Errorf("got %v", err)
				}
			case 2:
				if err := cache.Get(background, "list", new(any)); !errors.Is(err, djredis.ErrType) {
					t.Errorf("got %v", err)
				}
			case 3:
				if err := cache.Set(background, "k", i, djredis.NX, djredis.XX); !errors.Is(err, djredis.ErrArgument) {
					t.Errorf("got %v", err)
				}
			case 4:
				key := fmt.Sprint("k\xff", i)
				if err := cache.Set(background, key, i); err != nil {
					t.Errorf("Set: %v", err)
				}
				if got, err := djredis.Get[int](background, cache, key); got != i || err != nil {
					t.Errorf("got %d, %v", got, err)
				}
			}
		}(i)
	}
	group.Wait()
}

// Counted once each, however they are sent.
func TestCountingTogether(t *testing.T) {
	cache := open(t, djredis.Options{SocketTimeout: time.Minute})
	must(t, cache.Set(background, "n", 0))
	var group sync.WaitGroup
	for i := 0; i < 100; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for round := 0; round < 20; round++ {
				if _, err := cache.Incr(background, "n", 1); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	group.Wait()
	if n, err := djredis.Get[int](background, cache, "n"); n != 2000 || err != nil {
		t.Errorf("got %d, %v", n, err)
	}
}

// Each of them hears that the server is away.
func TestGatheredCallsWithoutAServer(t *testing.T) {
	cache := openAt(t, nobody(t), djredis.Options{Extra: map[string]string{"BREAKER_FAILURES": "0"}})
	djredis.GatherAll(cache)
	var group sync.WaitGroup
	for i := 0; i < 100; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			err := cache.Set(background, "k", 1)
			var failed *djredis.Error
			if !errors.As(err, &failed) || failed.Status != djredis.ErrConnection || !failed.Retryable || !failed.Away {
				t.Errorf("got %v", err)
			}
		}()
	}
	group.Wait()
}

// An answer reaches the caller that it belongs to, or nobody, whoever gives up meanwhile.
func TestAnswersUnderCancellation(t *testing.T) {
	cache := open(t, djredis.Options{SocketTimeout: time.Minute})
	for i := 0; i < 100; i++ {
		must(t, cache.Set(background, fmt.Sprint("k", i), i))
	}
	var group sync.WaitGroup
	for i := 0; i < 100; i++ {
		group.Add(1)
		go func(i int) {
			defer group.Done()
			for round := 0; round < 50; round++ {
				ctx, cancel := context.WithTimeout(background, time.Duration((i+round)%30)*100*time.Microsecond)
				if round%2 == 0 {
					time.AfterFunc(time.Duration(i%7)*100*time.Microsecond, cancel)
				}
				got, err := djredis.Get[int](ctx, cache, fmt.Sprint("k", i))
				cancel()
				if err == nil && got != i || err != nil && ctx.Err() == nil {
					t.Errorf("%d: got %d, %v", i, got, err)
				}
			}
		}(i)
	}
	group.Wait()
	if got, err := djredis.Get[int](background, cache, "k7"); got != 7 || err != nil {
		t.Errorf("got %d, %v", got, err)
	}
}
