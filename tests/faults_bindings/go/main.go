// Random calls from four goroutines through a proxy that breaks connections: see ../main.rs.
//
//	faults LOCATION CALLS SEED
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"math/rand"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"djredis"
)

const (
	goroutines = 4
	ownKeys    = 10
	sharedKeys = 50
	hang       = 10 * time.Second
)

// textOf is what stands under a key: it names the key, and the write that made it.
func textOf(key string, serial int) string {
	length := serial % 100
	if serial%50 == 49 {
		length = 5000
	}
	return fmt.Sprintf("%s %d %s", key, serial, strings.Repeat("x", length))
}

type tally struct{ calls, failed, wrong, hangs, acknowledged, inDoubt int }

// own is a key of one goroutine's own, and the serial number of its value; 0: none.
type own struct {
	key    string
	serial int
}

// worker knows what stands under its own keys, so it knows each right answer.
type worker struct {
	cache        *djredis.Cache
	number, next int
	highest      int64
	random       *rand.Rand
	own          [ownKeys]own
	tally        tally
}

func (w *worker) run(calls int) {
	for i := range w.own {
		w.own[i] = w.fresh()
	}
	operations := []func(context.Context, *own){
		w.get, w.get, w.set, w.set, w.set, w.delete, w.incr, w.getMany, w.has, w.getShared,
	}
	for i := 0; i < calls; i++ {
		begun := time.Now()
		w.tally.calls++
		operations[w.random.Intn(len(operations))](context.Background(), &w.own[w.random.Intn(ownKeys)])
		if time.Since(begun) > hang {
			w.tally.hangs++
		}
	}
}

func (w *worker) serial() int { w.next++; return w.next }

func (w *worker) fresh() own { return own{key: fmt.Sprintf("own%d-%d", w.number, w.serial())} }

func (w *worker) judge(what string, answer any, right bool) {
	if !right {
		w.tally.wrong++
		log.Printf("%s: %v", what, answer)
	}
}

// failed tells whether a call did, and whether it may have been executed all the same. An error that says that the connection
// failed is as good as an answer; any other is a wrong one.
func (w *worker) failed(err error) (failed, maybeSent bool) {
	if err == nil {
		return false, false
	}
	w.tally.failed++
	var what *djredis.Error
	expected := errors.As(err, &what) && what.Message != ""
	if expected {
		switch what.Status {
		case djredis.ErrTimeout, djredis.ErrConnection, djredis.ErrPool, djredis.ErrProtocol:
		default:
			expected = false
		}
	}
	w.judge("error", err, expected)
	return true, what == nil || !what.Retryable
}

func (w *worker) read(ctx context.Context, key string, serial int) {
	text, err := djredis.Get[string](ctx, w.cache, key)
	if errors.Is(err, djredis.ErrMiss) {
		w.judge("get", err, serial == 0)
	} else if failed, _ := w.failed(err); !failed {
		w.judge("get", text, serial != 0 && text == textOf(key, serial))
	}
}

// wrote notes what stands under a key. A write that may have been done all the same costs the key.
func (w *worker) wrote(o *own, serial int, err error) {
	switch failed, maybeSent := w.failed(err); {
	case !failed:
		o.serial = serial
	case maybeSent:
		*o = w.fresh()
	}
}

func (w *worker) get(ctx context.Context, o *own) { w.read(ctx, o.key, o.serial) }

func (w *worker) getShared(ctx context.Context, _ *own) {
	w.read(ctx, fmt.Sprintf("shared%d", w.random.Intn(sharedKeys)), 1)
}

func (w *worker) getMany(ctx context.Context, _ *own) {
	keys := make([]string, ownKeys)
	for i, o := range w.own {
		keys[i] = o.key
	}
	found, err := djredis.GetMany[string](ctx, w.cache, keys)
	if failed, _ := w.failed(err); failed {
		return
	}
	for _, o := range w.own {
		text, there := found[o.key]
		w.judge("GetMany", text, there == (o.serial != 0) && (!there || text == textOf(o.key, o.serial)))
	}
}

func (w *worker) has(ctx context.Context, o *own) {
	there, err := w.cache.Has(ctx, o.key)
	if failed, _ := w.failed(err); !failed {
		w.judge("Has", there, there == (o.serial != 0))
	}
}

func (w *worker) set(ctx context.Context, o *own) {
	serial := w.serial()
	w.wrote(o, serial, w.cache.Set(ctx, o.key, textOf(o.key, serial)))
}

func (w *worker) delete(ctx context.Context, o *own) {
	there, err := w.cache.Delete(ctx, o.key)
	if err == nil {
		w.judge("Delete", there, there == (o.serial != 0))
	}
	w.wrote(o, 0, err)
}

func (w *worker) incr(ctx context.Context, _ *own) {
	counted, err := w.cache.Incr(ctx, fmt.Sprintf("count%d", w.number), 1)
	if failed, maybeSent := w.failed(err); failed {
		if maybeSent {
			w.tally.inDoubt++
		}
		return
	}
	w.tally.acknowledged++
	most := int64(w.tally.acknowledged + w.tally.inDoubt)
	w.judge("Incr", counted, w.highest < counted && counted <= most)
	w.highest = counted
}

func run(location string, calls, seed int) (tally, error) {
	cache, err := djredis.Open(location, djredis.Options{})
	if err != nil {
		return tally{}, err
	}
	defer cache.Close()
	var workers [goroutines]worker
	var all sync.WaitGroup
	for i := range workers {
		workers[i] = worker{cache: cache, number: i, random: rand.New(rand.NewSource(int64(seed*1000 + i)))}
		all.Add(1)
		go func(w *worker) {
			defer all.Done()
			w.run(calls / goroutines)
		}(&workers[i])
	}
	all.Wait()
	var sum tally
	for _, w := range workers {
		sum.calls += w.tally.calls
		sum.failed += w.tally.failed
		sum.wrong += w.tally.wrong
		sum.hangs += w.tally.hangs
		sum.acknowledged += w.tally.acknowledged
		sum.inDoubt += w.tally.inDoubt
	}
	return sum, nil
}

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: faults LOCATION CALLS SEED")
	}
	calls, err := strconv.Atoi(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	seed, err := strconv.Atoi(os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	t, err := run(os.Args[1], calls, seed)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("calls=%d failed=%d wrong=%d hangs=%d acknowledged=%d in_doubt=%d\n",
		t.calls, t.failed, t.wrong, t.hangs, t.acknowledged, t.inDoubt)
}
