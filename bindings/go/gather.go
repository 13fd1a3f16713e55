//go:build cgo

package djredis

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"
)

// Each call that is in C keeps a thread of the system busy, and a connection. A few goroutines' calls go as they come. Where
// more call at once, they wait in Go until a call is done, and then go together, as one batch.
const (
	// gatherFrom is how many callers at once go by themselves.
	gatherFrom = 2
	// gatherMost is how many calls go together.
	gatherMost = 512
	// mostSlots is how many batches are on their way at once, where the server is far away: one for each slotTime that a
	// batch spends on more than its calls, which take callTime each.
	mostSlots = 16
	slotTime  = 150 * time.Microsecond
	callTime  = 5 * time.Microsecond
	// trustFor is how many calls the slots are good for, before a batch has to tell anew how far the server is.
	trustFor = 256
	// gatherWait is the longest that a call waits for others to end, on a distant or hanging server: then it goes at once.
	gatherWait = time.Millisecond
	// gatherSize is the largest value that goes together with others: larger ones would be copied once more.
	gatherSize = 32 << 10
)

// gatherer has the calls of one kind. Reads and writes are kept apart, since only reads may be sent twice.
type gatherer struct {
	mutex sync.Mutex
	// callers are all that have not got their answers yet.
	callers int
	// running are the calls and batches that are in C.
	running int
	// extraSlots are how many calls and batches may run beside one, where there are more callers than gatherFrom.
	extraSlots, trust int
	// distance is what an exchange with the server takes, without the work of the calls.
	distance time.Duration
	// crowded: there were more than gatherFrom callers not long ago, who come again in a moment.
	crowded bool
	// waiting are calls that were not sent yet. Where there are some, at least one is running.
	waiting []*gathered
}

// gathered is a call that waits for its turn, or is on its way with others.
type gathered struct {
	packed   []byte
	deadline time.Time // zero for none
	done     chan outcome
}

// outcome is what became of a gathered call.
type outcome struct {
	item
	// ignored: the server is away, and IgnoreExceptions is on.
	ignored bool
	// alone: nothing was executed, and the call must be made by itself, which may go better, or gives the whole error.
	alone bool
}

// join takes part in what others send, after tryEnter. False: the call has to be made alone; then leave must follow.
func (g *gatherer) join(ctx context.Context, c *Cache, call batchCall) (outcome, bool) {
	if err := checkContext(ctx); err != nil {
		return outcome{item: item{err: err}}, true
	}
	waiter := &gathered{deadline: c.latestEnd(ctx), done: make(chan outcome, 1)}
	var e encoder
	if e.call(call) != nil {
		g.enter()
		return outcome{}, false
	}
	waiter.packed = e.buf
	if !g.add(waiter) {
		return outcome{}, false
	}
	out := g.await(ctx, c, waiter)
	if out.alone {
		g.enter()
		return outcome{}, false
	}
	return out, true
}

// tryEnter begins a call by itself, if there are few callers.
func (g *gatherer) tryEnter() bool {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if isFew := g.callers < gatherFrom && !g.crowded; !isFew && !g.hasSlot() {
		return false
	}
	g.callers++
	g.running++
	return true
}

// hasSlot: a call can go by itself beside those that are running. The mutex must be held.
func (g *gatherer) hasSlot() bool {
	if g.running > 0 && g.running <= g.extraSlots && g.trust > 0 {
		g.trust--
		return true
	}
	return g.running == 0
}

// enter begins a call by itself, however many there are.
func (g *gatherer) enter() {
	g.mutex.Lock()
	g.callers++
	g.running++
	g.mutex.Unlock()
}

// add lets a call wait; or begins it, if nothing is running that it could wait for.
func (g *gatherer) add(waiter *gathered) bool {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.callers++
	g.crowded = g.crowded || g.callers > gatherFrom
	if g.hasSlot() {
		g.running++
		return false
	}
	g.waiting = append(g.waiting, waiter)
	return true
}

// leave ends a call.
func (g *gatherer) leave(c *Cache) { g.end(c, 1) }

// end ends a call, or a batch of so many. What has waited meanwhile goes now, unless another batch will take it along.
func (g *gatherer) end(c *Cache, calls int) {
	g.mutex.Lock()
	g.callers -= calls
	g.running--
	if g.callers < gatherFrom && calls < gatherFrom {
		g.crowded = false
	}
	var batch []*gathered
	if g.running <= g.extraSlots {
		batch = g.take()
	}
	g.mutex.Unlock()
	c.send(g, batch)
}

// hurry sends what waits, however many calls are running.
func (g *gatherer) hurry(c *Cache) {
	g.mutex.Lock()
	batch := g.take()
	g.mutex.Unlock()
	c.send(g, batch)
}

// take removes as many waiting calls as go together, which then are running. The mutex must be held.
func (g *gatherer) take() []*gathered {
	n := min(len(g.waiting), gatherMost)
	if n == 0 {
		return nil
	}
	batch := g.waiting[:n:n]
	g.waiting = g.waiting[n:]
	if len(g.waiting) == 0 {
		g.waiting = nil
	}
	g.running++
	return batch
}

func (c *Cache) send(g *gatherer, batch []*gathered) {
	if batch != nil {
		go c.runGathered(g, batch)
	}
}

// withdraw takes back a call that was not sent yet.
func (g *gatherer) withdraw(waiter *gathered) bool {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	for i, other := range g.waiting {
		if other == waiter {
			g.waiting = append(g.waiting[:i:i], g.waiting[i+1:]...)
			g.callers--
			return true
		}
	}
	return false
}

// await waits for what becomes of a call, or for the end of its context.
func (g *gatherer) await(ctx context.Context, c *Cache, waiter *gathered) outcome {
	patience := time.NewTimer(gatherWait)
	defer patience.Stop()
	for {
		select {
		case out := <-waiter.done:
			out.err = causedBy(ctx, waiter.deadline, out.err)
			return out
		case <-patience.C:
			g.hurry(c)
		case <-ctx.Done():
			if g.withdraw(waiter) {
				return outcome{item: item{err: contextError(ctx)}}
			}
			return c.cutOff(ctx, waiter)
		}
	}
}

// cutOff is the outcome of a call whose context ends while it is on its way.
func (c *Cache) cutOff(ctx context.Context, waiter *gathered) outcome {
	select {
	case out := <-waiter.done:
		out.err = causedBy(ctx, waiter.deadline, out.err)
		return out
	default:
	}
	err := contextError(ctx).(*Error)
	err.Retryable, err.maybeSent, err.Away = false, true, err.Status == ErrTimeout
	err.Message = ctx.Err().Error() + ": the context ended during the call, so it may have been executed"
	if err.Away && c.ignores {
		c.logHidden(ctx, err.Message)
		return outcome{ignored: true}
	}
	return outcome{item: item{err: err}}
}

// causedBy gives a timeout of a batch the reason that it has for this caller.
func causedBy(ctx context.Context, deadline time.Time, err error) error {
	var failed *Error
	if !errors.As(err, &failed) || !failed.Timeout() {
		return err
	}
	own := *failed
	own.cause = ctx.Err()
	if end, ok := ctx.Deadline(); own.cause == nil && ok && end.Equal(deadline) {
		own.cause = context.DeadlineExceeded
	}
	return &own
}

// latestEnd is when a call must have ended: by its context, or by SOCKET_TIMEOUT.
func (c *Cache) latestEnd(ctx context.Context) time.Time {
	end, ok := ctx.Deadline()
	if c.socketTimeout == Infinite {
		return end
	}
	if limit := time.Now().Add(c.socketTimeout); !ok || limit.Before(end) {
		return limit
	}
	return end
}

// runGathered sends calls together. Those that have less time than others give up by themselves.
func (c *Cache) runGathered(g *gatherer, batch []*gathered) {
	ctx, cancel := untilTheLast(batch)
	defer cancel()
	start := time.Now()
	items, ignored, err := c.run(ctx, joinPacked(batch))
	idle := time.Since(start) - time.Duration(len(batch))*callTime
	var failed *Error
	// A bad argument of one call is one of the whole batch, of which nothing was sent.
	alone := errors.As(err, &failed) && !failed.Away && (failed.Retryable || failed.Status == ErrArgument)
	for i, waiter := range batch {
		out := outcome{item: item{err: err}, ignored: ignored, alone: alone}
		if err == nil && !ignored {
			out.item = items[i]
			// A decode error of a batch comes without the stored bytes.
			out.alone = errors.Is(out.err, ErrDecode)
		}
		waiter.done <- out
	}
	// Those who call again at once shall be in the next batch.
	runtime.Gosched()
	g.adapt(idle)
	g.end(c, len(batch))
}

// adapt goes by the time in which a batch was only waited for. It believes at once that the server is near, and slowly that
// it is far: on a busy machine some batches take long as well, and more threads would make that worse.
func (g *gatherer) adapt(idle time.Duration) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.distance = max(0, min(idle, g.distance+g.distance/8+slotTime/16))
	g.extraSlots, g.trust = min(int(g.distance/slotTime), mostSlots-1), trustFor
}

func untilTheLast(batch []*gathered) (context.Context, context.CancelFunc) {
	var last time.Time
	for _, waiter := range batch {
		if waiter.deadline.IsZero() {
			return context.WithCancel(context.Background())
		}
		if waiter.deadline.After(last) {
			last = waiter.deadline
		}
	}
	return context.WithDeadline(context.Background(), last)
}

func joinPacked(batch []*gathered) []byte {
	var e encoder
	e.header(KindList, len(batch))
	for _, waiter := range batch {
		e.buf = append(e.buf, waiter.packed...)
	}
	return e.buf
}
