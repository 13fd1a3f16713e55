package djredis_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"djredis"
)

// location is that of the tests' own Redis server.
var location string

// gatherAll: the caches of the tests send what they can in batches, as where many goroutines call at once.
var gatherAll bool

var background = context.Background()

func TestMain(m *testing.M) {
	if way := os.Getenv(endOf); way != "" {
		os.Exit(endInCalls(way))
	}
	os.Exit(withServer(m.Run))
}

// withServer runs a redis-server in a folder of its own, and stops it by its process id.
func withServer(run func() int) int {
	folder, err := os.MkdirTemp("", "djredis-go-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	socket := filepath.Join(folder, "s")
	server := exec.Command("redis-server", "--port", "0", "--unixsocket", socket, "--dir", folder, "--save", "")
	if err := server.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "the tests need redis-server:", err)
		return 1
	}
	defer func() {
		server.Process.Kill()
		server.Wait()
	}()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		probe, err := net.Dial("unix", socket)
		if err == nil {
			probe.Close()
			break
		}
		if time.Now().After(end) {
			panic(err)
		}
	}
	location = "unix:" + socket + ":0"
	return run()
}

// prefixes counts them: a test that runs again starts anew.
var prefixes atomic.Int64

// open gives a cache that has the server for itself alone, by its prefix.
func open(t testing.TB, opts djredis.Options) *djredis.Cache {
	t.Helper()
	if opts.KeyPrefix == "" {
		opts.KeyPrefix = fmt.Sprint(strings.ReplaceAll(t.Name(), "/", "_"), prefixes.Add(1))
	}
	return openAt(t, location, opts)
}

func openAt(t testing.TB, where string, opts djredis.Options) *djredis.Cache {
	t.Helper()
	cache, err := djredis.Open(where, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cache.Close() })
	if gatherAll {
		djredis.GatherAll(cache)
	}
	return cache
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
