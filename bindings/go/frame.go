package djredis

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
	"unsafe"
)

const (
	// maxFrames is how many calls may be in C at once: each blocks a thread of the system, and Go ends a program that has
	// 10,000. Further callers wait in Go.
	maxFrames = 512
	// keptBytes is how much a slot keeps for the next call; more is freed at once.
	keptBytes = 64 << 10
)

// frame is what one call works with: the slot for the answer, and how to do the call. C has it, so that it is at one
// place and no pointer of Go's stands in it.
type frame struct {
	c *C.djredis_go_frame
	// owner keeps the cache from being collected while C uses it.
	owner *Cache
	// byContext: the context's deadline is the call's.
	byContext bool
	// lent is an answer of the near cache whose bytes stand in the frame.
	lent copied
}

// The free frames. It is a plain list and no sync.Pool, which would lose C's memory; it holds all that were ever made
// when no call is running, so giving one back never blocks.
var (
	freeFrames = make(chan *frame, maxFrames)
	madeFrames atomic.Int32
)

func newFrame() *frame {
	// C.calloc never answers nil: Go ends the program where memory is out, as for its own.
	return &frame{c: (*C.djredis_go_frame)(C.calloc(1, C.sizeof_djredis_go_frame))}
}

// takeFrame gives a free frame, or a new one, or nil if there are too many.
func takeFrame() *frame {
	select {
	case f := <-freeFrames:
		return f
	default:
	}
	if madeFrames.Add(1) <= maxFrames {
		return newFrame()
	}
	madeFrames.Add(-1)
	return nil
}

// awaitFrame gives a frame, and what is left of the limit: the call waits in Go while there are too many.
func awaitFrame(ctx context.Context, limit time.Duration) (*frame, time.Duration, error) {
	if f := takeFrame(); f != nil {
		return f, limit, nil
	}
	start, timer := time.Now(), time.NewTimer(limit)
	defer timer.Stop()
	select {
	case f := <-freeFrames:
		return f, limit - time.Since(start), nil
	case <-ctx.Done():
		return nil, 0, contextError(ctx)
	case <-timer.C:
		return nil, 0, &Error{
			Status: ErrPool, Retryable: true, Away: true,
			Message: "too many calls at once: none of them ended in time, so nothing was sent",
		}
	}
}

// give puts the frame back for the next call.
func (f *frame) give() {
	if f.c.out.len > keptBytes {
		C.djredis_value_clear(&f.c.out)
	}
	f.owner = nil
	freeFrames <- f
}

// free is for a frame that never was in the list.
func (f *frame) free() {
	C.djredis_value_clear(&f.c.out)
	C.free(unsafe.Pointer(f.c))
	f.c = nil
}

// begin readies a frame for a call of the cache. It must be given back.
func (c *Cache) begin(ctx context.Context, s settings) (*frame, error) {
	if err := checkContext(ctx); err != nil {
		return nil, err
	}
	f, limit, err := awaitFrame(ctx, c.socketTimeout)
	if err != nil {
		return nil, err
	}
	f.owner = c
	f.prepare(ctx, s, limit)
	return f, nil
}

// prepare writes the settings of a call into the frame. The earlier of the context's deadline and the limit holds; a
// limit of Infinite leaves it to the option SOCKET_TIMEOUT.
func (f *frame) prepare(ctx context.Context, s settings, limit time.Duration) {
	f.c.call = C.djredis_call{
		struct_size: C.sizeof_djredis_call,
		flags:       C.uint32_t(s.flags),
		version:     C.int64_t(s.version),
		ttl_ms:      C.int64_t(s.ttlMillis),
		itersize:    C.int64_t(s.count),
	}
	deadline, ok := ctx.Deadline()
	f.byContext = ok
	if !ok {
		return
	}
	left := time.Until(deadline)
	if left > limit {
		left, f.byContext = limit, false
	}
	f.limit(left)
}

// limit is the deadline of the call.
func (f *frame) limit(left time.Duration) {
	// 0 would mean the default; what has just passed is as near as can be.
	f.c.call.deadline_ms = C.int64_t(max(1, millis(left)))
}

func checkContext(ctx context.Context) error {
	if ctx == nil {
		return argumentError("the context is nil; pass context.Background() where there is none")
	}
	if ctx.Err() != nil {
		return contextError(ctx)
	}
	return nil
}

// contextError is the error of a call that was never sent, since its context had ended.
func contextError(ctx context.Context) error {
	status := ErrInterrupted
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		status = ErrTimeout
	}
	return &Error{
		Status: status, Retryable: true, cause: ctx.Err(),
		Message: ctx.Err().Error() + ": the context ended before the call, so nothing was sent",
	}
}

// text and length are how C takes a string: a pointer to its bytes, which Go keeps in place during the call.
func text(s string) *C.char { return (*C.char)(unsafe.Pointer(unsafe.StringData(s))) }

func length(s string) C.size_t { return C.size_t(len(s)) }

func pointer(b []byte) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(b)) }
