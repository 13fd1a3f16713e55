package djredis_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"djredis"
)

// signalThreads sends a signal to each thread of the process: also to those that wait in C.
func signalThreads(t *testing.T) {
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Error(err)
	}
	for _, thread := range threads {
		if id, err := strconv.Atoi(thread.Name()); err == nil {
			// A thread may have ended in the meantime.
			_ = syscall.Tgkill(syscall.Getpid(), id, syscall.SIGUSR1)
		}
	}
}

// Signals that the program listens to, the ends of its children among them, fail no call and end no wait.
func TestSignalsDisturbNoCall(t *testing.T) {
	heard := make(chan os.Signal, 1)
	signal.Notify(heard, syscall.SIGUSR1, syscall.SIGCHLD)
	defer signal.Stop(heard)
	ctx, stop := context.WithCancel(background)
	var others sync.WaitGroup
	others.Add(1)
	go func() {
		defer others.Done()
		for ctx.Err() == nil {
			signalThreads(t)
			time.Sleep(time.Millisecond)
		}
	}()

	const limit = 500 * time.Millisecond
	hanging := openAt(t, silent(t), djredis.Options{SocketTimeout: limit})
	cache := open(t, djredis.Options{MaxConnections: 2, SocketTimeout: time.Minute})
	var group sync.WaitGroup
	for i := 0; i < 8; i++ {
		group.Add(1)
		go func(key string) {
			defer group.Done()
			for n := 0; n < 200; n++ {
				must(t, cache.Set(background, key, n))
				if got, err := djredis.Get[int](background, cache, key); got != n || err != nil {
					t.Errorf("got %d, %v", got, err)
				}
			}
		}(fmt.Sprint("k", i))
	}
	for i := 0; i < 5; i++ {
		must(t, exec.Command("true").Run())
	}
	start := time.Now()
	if err := hanging.Get(background, "k", new(int)); !errors.Is(err, djredis.ErrTimeout) || time.Since(start) < limit*9/10 {
		t.Errorf("%v after %v", err, time.Since(start))
	}
	group.Wait()
	stop()
	others.Wait()
	if len(heard) == 0 {
		t.Error("no signal came")
	}
}

// A goroutine that ends inside of what a method calls gives everything back, as a panic does.
func TestGoexitLosesNothing(t *testing.T) {
	cache := open(t, djredis.Options{MaxConnections: 1, SocketTimeout: 10 * time.Second})
	must(t, cache.Set(background, "k", 1))
	for name, call := range map[string]func(){
		"WithConn": func() {
			_ = cache.WithConn(background, func(*djredis.Conn) error { runtime.Goexit(); return nil })
		},
		"Scan": func() {
			cache.Scan(background, "*")(func(string, error) bool { runtime.Goexit(); return false })
		},
		"GetOrSet": func() {
			_ = cache.GetOrSet(background, "none", new(int), func(context.Context) (any, error) { runtime.Goexit(); return 1, nil })
		},
	} {
		for i := 0; i < 300; i++ {
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				call()
			}()
			<-ended
		}
		if err := cache.Set(background, "k", 1); err != nil {
			t.Errorf("after %s: %v", name, err)
		}
	}
}

// endOf names the way in which a process that the tests start ends, and endAt its server.
const endOf, endAt = "DJREDIS_TEST_END", "DJREDIS_TEST_LOCATION"

// endInCalls ends the process while its goroutines are in calls: some that are answered, and some that never are.
func endInCalls(way string) int {
	cache, err := djredis.Open(os.Getenv(endAt), djredis.Options{KeyPrefix: "end"})
	if err != nil {
		panic(err)
	}
	started := make(chan struct{})
	for i := 0; i < 16; i++ {
		go func() {
			for n := 0; ; n++ {
				if err := cache.Set(background, "k", 1); err != nil && !errors.Is(err, djredis.ErrClosed) {
					panic(err)
				}
				if n == 0 {
					started <- struct{}{}
				}
			}
		}()
	}
	for i := 0; i < 4; i++ {
		go func() {
			_, _ = cache.Do(background, "BLPOP", djredis.Key("nothing comes"), 0)
		}()
	}
	for i := 0; i < 16; i++ {
		<-started
	}
	switch way {
	case "close":
		cache.Close()
	case "collect":
		runtime.GC()
	case "signal":
		signal.Ignore(syscall.SIGTERM)
		_ = syscall.Kill(os.Getpid(), syscall.SIGTERM)
	}
	return 0
}

func TestTheEndOfTheProgram(t *testing.T) {
	for _, way := range []string{"exit", "close", "collect", "signal"} {
		for i := 0; i < 2; i++ {
			program := exec.Command(os.Args[0])
			program.Env = append(os.Environ(), endOf+"="+way, endAt+"="+location)
			if output, err := program.CombinedOutput(); err != nil || len(output) > 0 {
				t.Errorf("%s: %v\n%s", way, err, output)
			}
		}
	}
}
