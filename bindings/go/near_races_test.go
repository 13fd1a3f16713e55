package djredis_test

import (
	"fmt"
	"math/rand"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"djredis"
)

// The near cache while other processes write: see tests/near_races.rs, which does the same to the library alone.

const (
	raceWriters = 2
	raceKeys    = 8
	raceWrites  = 4000
	raceReaders = 8
)

// startRaceWriter starts a process that writes every second key from the first on, one after the other. The number tells
// which key it is.
func startRaceWriter(t *testing.T, prefix string, first int) *exec.Cmd {
	var lines strings.Builder
	for turn := 1; turn <= raceWrites; turn++ {
		for key := first; key < raceKeys; key += raceWriters {
			fmt.Fprintf(&lines, "SET %s:1:%d %d\n", prefix, key, turn*raceKeys+key)
		}
	}
	socket := strings.TrimSuffix(strings.TrimPrefix(location, "unix:"), ":0")
	writer := exec.Command("redis-cli", "-s", socket)
	writer.Stdin = strings.NewReader(lines.String())
	must(t, writer.Start())
	return writer
}

// newestRead is the newest number that any reader was given, by key.
type newestRead [raceKeys]atomic.Int64

// read reads a key: nobody may get an older number than somebody has got before it began.
func (n *newestRead) read(cache *djredis.Cache, key int) error {
	floor := n[key].Load()
	number, err := djredis.Get[int64](background, cache, strconv.Itoa(key))
	if err == djredis.ErrMiss && floor == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	if number%raceKeys != int64(key) || number < floor {
		return fmt.Errorf("key %d: %d after %d", key, number, floor)
	}
	for seen := n[key].Load(); number > seen && !n[key].CompareAndSwap(seen, number); seen = n[key].Load() {
	}
	return nil
}

func TestNearNobodyGoesBackInTimeWhileOtherProcessesWrite(t *testing.T) {
	cache := openNear(t)
	var newest newestRead
	var stop atomic.Bool
	var readers sync.WaitGroup
	for i := 0; i < raceReaders; i++ {
		readers.Add(1)
		go func() {
			defer readers.Done()
			for !stop.Load() {
				if err := newest.read(cache, rand.Intn(raceKeys)); err != nil {
					t.Error(err)
					return
				}
			}
		}()
	}
	defer readers.Wait()
	defer stop.Store(true)
	var writers []*exec.Cmd
	for first := 0; first < raceWriters; first++ {
		writers = append(writers, startRaceWriter(t, t.Name(), first))
	}
	for _, writer := range writers {
		must(t, writer.Wait())
	}
	end := time.Now().Add(time.Minute)
	for key := 0; key < raceKeys; key++ {
		for newest[key].Load() != int64(raceWrites*raceKeys+key) {
			must(t, newest.read(cache, key))
			if time.Now().After(end) {
				t.Fatal("the last value of a key is never read")
			}
		}
	}
	if got := nearStats(t, cache); got.NearHits == 0 || got.NearMisses == 0 || got.NearInvalidations == 0 {
		t.Errorf("%+v", got)
	}
}
