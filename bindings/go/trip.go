package djredis

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// tripCalls and tripBytes are how many calls go together, and how much.
	tripCalls = 512
	tripBytes = 1 << 20
	// tripHead is the room for the head of the list that the calls are.
	tripHead = 5
)

// trip is calls of several goroutines that cross into C, and to the server, together. Until it begins it is guarded by the
// gatherer's mutex; from then on only the goroutine that carries it writes to it, until done is closed.
type trip struct {
	// packed is what djredis_cache_batch takes; ends are where each call ends in it.
	packed encoder
	ends   []int
	// withdrawn are the places of calls that are not to be sent any more.
	withdrawn []int
	opened    time.Time
	// end is when the trip must be over: SOCKET_TIMEOUT after it was opened, or with the last of the contexts; zero for never.
	end, lastContext time.Time
	// untimed: some context has no deadline.
	untimed bool
	// closed: nobody joins any more. begun: it is on its way.
	closed, begun bool
	timer         *time.Timer

	// done is closed when there are answers.
	done chan struct{}
	// users are the callers that have not read their answers yet, and who carries the trip. The last lets go of the frame.
	users atomic.Int32
	// frame has the answers. They are not copied: each caller decodes its own from there.
	frame *frame
	err   error
}

// row is where the answer to one call stands in a trip.
type row struct {
	trip  *trip
	place int
}

var (
	// errAlone: nothing was executed, and the call must be made by itself, which may go better, or gives the whole error.
	errAlone = errors.New("the call has to be made by itself")
	// errIgnored: the server is away, and IgnoreExceptions is on.
	errIgnored = errors.New("the server is away, which is ignored")
)

// usedTrips are trips whose buffers serve the next ones.
var usedTrips = sync.Pool{New: func() any { return &trip{packed: encoder{buf: make([]byte, tripHead, usualSize)}} }}

func newTrip(limit time.Duration) *trip {
	t := usedTrips.Get().(*trip)
	t.opened, t.done = time.Now(), make(chan struct{})
	if limit != Infinite {
		t.end = t.opened.Add(limit)
	}
	return t
}

func (t *trip) count() int { return len(t.ends) }

func (t *trip) size() int {
	if len(t.ends) == 0 {
		return tripHead
	}
	return t.ends[len(t.ends)-1]
}

func (t *trip) isFull() bool { return t.closed || len(t.ends) == tripCalls || t.size() >= tripBytes }

func (t *trip) hasWaited(d time.Duration) bool { return time.Since(t.opened) >= d }

// add takes a call along.
func (t *trip) add(ctx context.Context, call *batchCall) error {
	// What a call that could not be written has left behind is cut off.
	t.packed.buf = t.packed.buf[:t.size()]
	if err := t.packed.call(*call); err != nil {
		return err
	}
	t.ends = append(t.ends, len(t.packed.buf))
	if deadline, ok := ctx.Deadline(); !ok {
		t.untimed = true
	} else if deadline.After(t.lastContext) {
		t.lastContext = deadline
	}
	return nil
}

// withdraw takes back a call that is not on its way yet.
func (t *trip) withdraw(place int) bool {
	if !t.begun {
		t.withdrawn = append(t.withdrawn, place)
	}
	return !t.begun
}

// begin readies the trip: from now on it is on its way.
func (t *trip) begin() {
	t.begun = true
	if t.timer != nil {
		t.timer.Stop()
		t.timer = nil
	}
	if !t.untimed && (t.end.IsZero() || t.lastContext.Before(t.end)) {
		t.end = t.lastContext
	}
	t.dropWithdrawn()
	t.users.Store(int32(t.sent()) + 1)
	t.packed.buf[0] = 0xdd // a list, with its length in 32 bits
	binary.BigEndian.PutUint32(t.packed.buf[1:tripHead], uint32(t.sent()))
}

// sent is how many calls there are that were not withdrawn.
func (t *trip) sent() int { return len(t.ends) - len(t.withdrawn) }

func (t *trip) dropWithdrawn() {
	if len(t.withdrawn) == 0 {
		return
	}
	kept, start := t.packed.buf[:tripHead], tripHead
	for place, end := range t.ends {
		if !slices.Contains(t.withdrawn, place) {
			kept = append(kept, t.packed.buf[start:end]...)
		}
		start = end
	}
	t.packed.buf = kept
}

// index is the place of a call among those that were sent.
func (t *trip) index(place int) int {
	row := place
	for _, other := range t.withdrawn {
		if other < place {
			row--
		}
	}
	return row
}

// travel sends the calls, and hands out the answers.
func (c *Cache) travel(t *trip) {
	if t.sent() == 0 {
		t.give(nil)
		return
	}
	f, err := c.frameUntil(t.end)
	if err != nil {
		t.give(err)
		return
	}
	t.frame = f
	buf := t.packed.buf
	ignored, err := f.answer(context.Background(),
		C.djredis_cache_batch(c.handle, pointer(buf), C.size_t(len(buf)), &f.c.call, &f.c.out))
	if ignored {
		err = errIgnored
	}
	t.give(err)
}

// frameUntil readies a frame for calls that must be over by then; zero leaves it to the option SOCKET_TIMEOUT.
func (c *Cache) frameUntil(end time.Time) (*frame, error) {
	limit := time.Duration(Infinite)
	if !end.IsZero() {
		limit = time.Until(end)
	}
	f, _, err := awaitFrame(context.Background(), limit)
	if err != nil {
		return nil, err
	}
	f.owner = c
	f.prepare(context.Background(), settings{}, limit)
	if !end.IsZero() {
		f.limit(time.Until(end))
	}
	return f, nil
}

// give hands out the answers, or an error to all.
func (t *trip) give(err error) {
	t.err = err
	close(t.done)
	t.release()
}

// release is for those who need the answers no more.
func (t *trip) release() {
	if t.users.Add(-1) > 0 {
		return
	}
	if t.frame != nil {
		t.frame.give()
	}
	if cap(t.packed.buf) > keptBytes {
		return
	}
	*t = trip{packed: encoder{buf: t.packed.buf[:tripHead]}, ends: t.ends[:0], withdrawn: t.withdrawn[:0]}
	usedTrips.Put(t)
}

func (t *trip) isDone() bool {
	select {
	case <-t.done:
		return true
	default:
		return false
	}
}

func (r row) release() { r.trip.release() }

// value is the answer. Its bytes are C's, until it is released.
func (r row) value() (Value, error) {
	result := r.trip.frame.result(r.trip.index(r.place))
	return result.Value, result.Err
}

// failure is the error of a call that was answered.
func (r row) failure(ctx context.Context) error {
	t := r.trip
	if t.err != nil {
		return t.failure(ctx)
	}
	err := t.frame.rowError(t.index(r.place))
	if err == nil || err == ErrMiss {
		return err
	}
	// It comes without the stored bytes.
	if errors.Is(err, ErrDecode) {
		return errAlone
	}
	return t.causedBy(ctx, err)
}

// failure is what the error of the trip is to each of its calls.
func (t *trip) failure(ctx context.Context) error {
	// A bad argument of one call is one of the whole trip, of which nothing was sent.
	if failed, ok := t.err.(*Error); ok && !failed.Away && (failed.Retryable || failed.Status == ErrArgument) {
		return errAlone
	}
	return t.causedBy(ctx, t.err)
}

// causedBy gives a timeout the reason that it has for this caller.
func (t *trip) causedBy(ctx context.Context, err error) error {
	var failed *Error
	if !errors.As(err, &failed) || !failed.Timeout() {
		return err
	}
	own := *failed
	own.cause = ctx.Err()
	if end, ok := ctx.Deadline(); own.cause == nil && ok && !end.After(t.end) {
		own.cause = context.DeadlineExceeded
	}
	return &own
}
