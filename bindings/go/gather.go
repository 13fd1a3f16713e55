//go:build cgo

package djredis

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Each call that is in C keeps a thread of the system busy, and a connection. A few goroutines' calls go as they come. Where
// more call at once, they wait in Go, and go together, as one trip.
const (
	// gatherFrom is how many callers at once go by themselves.
	gatherFrom = 2
	// probeEvery is after how many calls one looks whether other goroutines want to call as well.
	probeEvery = 16
	// tripWait is the longest that calls wait for a trip to end, on a distant or hanging server: then the next begins, unless
	// there are mostTrips.
	tripWait  = 200 * time.Microsecond
	mostTrips = 16
	// stuckWait is how often those that wait behind mostTrips are looked at.
	stuckWait = 50 * time.Millisecond
	// gatherSize is the largest value that goes together with others: larger ones would be copied once more.
	gatherSize = 32 << 10
)

// gatherer has the calls of one kind. Reads and writes are kept apart, since only reads may be sent twice.
type gatherer struct {
	// begun counts the calls, alone are those that are in C by themselves.
	begun, alone atomic.Int64
	// crowded: there were more than gatherFrom callers not long ago, who come again in a moment.
	crowded atomic.Bool

	mutex sync.Mutex
	// trips are how many goroutines carry calls to C.
	trips int
	// waiting are the trips that nobody carries yet. Calls join the last of them.
	waiting []*trip
}

// tryEnter begins a call by itself, if there are few callers. Then leave must follow, else join.
func (g *gatherer) tryEnter() bool {
	begun := g.begun.Add(1)
	if g.crowded.Load() {
		return false
	}
	if g.alone.Add(1) > gatherFrom || begun%probeEvery == 0 && g.othersCall(begun) {
		g.alone.Add(-1)
		g.crowded.Store(true)
		return false
	}
	return true
}

// othersCall lets the goroutines run that wait for a processor, and tells whether they call as well. A call in C does not
// let go of its processor, so that callers of the same one would never meet.
func (g *gatherer) othersCall(begun int64) bool {
	runtime.Gosched()
	return g.begun.Load()-begun > gatherFrom
}

// leave ends a call by itself.
func (g *gatherer) leave() { g.alone.Add(-1) }

// join makes a call together with others, and gives the row of its answer, which must be released. The error is what the
// call by itself would have answered; or errIgnored; or errAlone, where it has to be made by itself, and leave must follow.
func (g *gatherer) join(ctx context.Context, c *Cache, call *batchCall) (row, error) {
	if err := checkContext(ctx); err != nil {
		return row{}, err
	}
	seat := g.add(ctx, c, call)
	err := errAlone
	if seat.trip != nil {
		err = g.await(ctx, c, seat)
	}
	if err == errAlone {
		g.alone.Add(1)
	}
	return seat, err
}

// add gives a call its place in a trip. There is none for a call that can't be written.
func (g *gatherer) add(ctx context.Context, c *Cache, call *batchCall) row {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	last := g.open(c)
	if last.add(ctx, call) != nil {
		return row{}
	}
	if last.count() == 1 {
		g.waiting = append(g.waiting, last)
		g.attend(c)
	}
	return row{last, last.count() - 1}
}

// open is the trip that calls join. The mutex must be held.
func (g *gatherer) open(c *Cache) *trip {
	if n := len(g.waiting); n > 0 && !g.waiting[n-1].isFull() {
		return g.waiting[n-1]
	}
	return newTrip(c.socketTimeout)
}

// attend sees to it that what waits will go. The mutex must be held.
func (g *gatherer) attend(c *Cache) {
	if len(g.waiting) == 0 {
		return
	}
	first := g.waiting[0]
	if g.trips == 0 {
		g.trips++
		go c.carry(g)
	} else if first.timer == nil {
		first.timer = time.AfterFunc(tripWait, func() { g.hurry(c, first) })
	}
}

// hurry begins one trip more for those that have waited long. Where there are mostTrips, all wait until one of them ends,
// which SOCKET_TIMEOUT sees to; those who call from now on have more time left, and so a trip of their own.
func (g *gatherer) hurry(c *Cache, first *trip) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if len(g.waiting) == 0 || g.waiting[0] != first {
		return
	}
	first.timer = nil
	if g.trips < mostTrips {
		g.trips++
		go c.carry(g)
		return
	}
	g.waiting[len(g.waiting)-1].closed = true
	first.timer = time.AfterFunc(stuckWait, func() { g.hurry(c, first) })
}

// shift removes the trip that has waited longest. The mutex must be held.
func (g *gatherer) shift() *trip {
	first := g.waiting[0]
	g.waiting[0] = nil
	g.waiting = g.waiting[1:]
	if len(g.waiting) == 0 {
		g.waiting = nil
	}
	first.begin()
	return first
}

// take gives the trip that goes next, or nil if the goroutine that carries them shall end. few: its last trip had few calls.
func (g *gatherer) take(c *Cache, few bool) *trip {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if few && g.trips == 1 && (len(g.waiting) == 0 || g.waiting[0].count() <= gatherFrom) {
		g.crowded.Store(false)
	}
	if len(g.waiting) == 0 || g.trips > 1 && !g.waiting[0].hasWaited(tripWait) {
		g.trips--
		return nil
	}
	first := g.shift()
	g.attend(c)
	return first
}

// carry makes trips for as long as there are calls.
func (c *Cache) carry(g *gatherer) {
	few := false
	for {
		// Those who are about to call, or were just answered and call again, shall come along.
		runtime.Gosched()
		t := g.take(c, few)
		if t == nil {
			return
		}
		few = t.count() <= gatherFrom
		c.travel(t)
	}
}

// await waits for what becomes of a call, or for the end of its context. The row is released where there is an error.
func (g *gatherer) await(ctx context.Context, c *Cache, seat row) error {
	if over := ctx.Done(); over == nil {
		<-seat.trip.done
	} else {
		select {
		case <-seat.trip.done:
		case <-over:
			if !seat.trip.isDone() {
				return g.giveUp(ctx, c, seat)
			}
		}
	}
	err := seat.failure(ctx)
	if err != nil {
		seat.release()
	}
	return err
}

// giveUp is the error of a call whose context ended before there was an answer.
func (g *gatherer) giveUp(ctx context.Context, c *Cache, seat row) error {
	g.mutex.Lock()
	withdrawn := seat.trip.withdraw(seat.place)
	g.mutex.Unlock()
	err := contextError(ctx)
	if withdrawn {
		return err
	}
	seat.release()
	failed := err.(*Error)
	failed.Retryable, failed.maybeSent, failed.Away = false, true, failed.Status == ErrTimeout
	failed.Message = ctx.Err().Error() + ": the context ended during the call, so it may have been executed"
	if failed.Away && c.ignores {
		c.logHidden(ctx, failed.Message)
		return errIgnored
	}
	return err
}
