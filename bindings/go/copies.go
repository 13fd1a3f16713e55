package djredis

/*
#include "shim.h"
*/
import "C"

import (
	"hash/maphash"
	"math/bits"
	"runtime"
	"strings"
	"sync/atomic"
	"time"
	"unsafe"
)

// A hit of the near cache that calls C takes longer than the lookup itself. So Go keeps copies of what it was given, and
// uses each for as long as the library says: two of its numbers tell that, which Go reads where they stand, in C's memory.

const (
	// copyOverhead is what a copy takes beside its key and its bytes.
	copyOverhead = 160
	// usualCopy is the size of a usual copy, and mostCopies how many there may be: for the length of the table.
	usualCopy  = 256
	mostCopies = 1 << 20
	// hitCounters are how many goroutines count without waiting for each other's line of memory; a power of two.
	hitCounters = 8
)

// copied is a value with its key, and how that was asked for. It never changes, and its bytes are given to nobody.
type copied struct {
	key   string
	asked settings
	value Value
	// text is that of a text: the bytes of value. Strings can't be changed, so all callers get the same one.
	text string
	// near is how long it may be used.
	near C.djredis_near
	// used: it was read since another key wanted its place.
	used atomic.Bool
	// lent is the frame that has its bytes, where it is no copy.
	lent *frame
}

// copies are at places that follow from their keys. A second key of the same place takes it from the first only if that
// was not used since the last try. A nil *copies keeps nothing.
type copies struct {
	seed   maphash.Seed
	places []atomic.Pointer[copied]
	closed atomic.Bool
	// held are the bytes that all of them take, and room how many they may.
	held atomic.Int64
	room int64
	hits [hitCounters]hitCounter
	// At the moment began of Go's clock, or soon after it, C's was at this number of nanoseconds.
	began  time.Time
	beganC uint64
}

type hitCounter struct {
	count atomic.Int64
	_     [120]byte
}

// newCopies makes room for half as many bytes as the near cache may take. Elsewhere than on Linux Go has another clock than C.
func newCopies(nearCache int64) *copies {
	if nearCache == 0 || runtime.GOOS != "linux" {
		return nil
	}
	room := nearCache / 2
	places := 1 << bits.Len64(uint64(min(room/usualCopy, mostCopies-1)))
	// Go's clock first: so moments are never taken for earlier than they are.
	began := time.Now()
	return &copies{
		seed: maphash.MakeSeed(), places: make([]atomic.Pointer[copied], places), room: room,
		began: began, beganC: uint64(C.djredis_go_monotonic()),
	}
}

func (all *copies) place(key string, asked settings) *atomic.Pointer[copied] {
	hash := maphash.String(all.seed, key) + uint64(asked.version)
	return &all.places[hash&uint64(len(all.places)-1)]
}

// find gives the copy of a value that may still be used, and counts that as a hit.
func (all *copies) find(key string, asked settings) *copied {
	if all == nil || all.closed.Load() {
		return nil
	}
	found := all.place(key, asked).Load()
	if found == nil || found.key != key || found.asked != asked || !all.mayUse(found) {
		return nil
	}
	all.countHit()
	if !found.used.Load() {
		found.used.Store(true)
	}
	return found
}

// wants tells whether there is a place for a key that was not found.
func (all *copies) wants(key string, asked settings) bool {
	if all == nil {
		return false
	}
	other := all.place(key, asked).Load()
	return other == nil || other.key == key || !other.used.Swap(false)
}

// mayUse looks in the order that djredis.h asks for.
func (all *copies) mayUse(v *copied) bool {
	now := all.beganC + uint64(time.Since(all.began))
	return now < uint64(v.near.expires) && now < number(v.near.trusted) && number(v.near.changes) == uint64(v.near.unchanged)
}

// number reads what the library writes.
func number(at *C.uint64_t) uint64 { return atomic.LoadUint64((*uint64)(unsafe.Pointer(at))) }

// keep puts a copy in its place. Where all of them take too much, all others are dropped.
func (all *copies) keep(v *copied) {
	if v.size() > all.room {
		return
	}
	if all.held.Add(v.size()) > all.room {
		all.drop()
	}
	all.put(all.place(v.key, v.asked), v)
}

func (all *copies) put(place *atomic.Pointer[copied], v *copied) {
	if old := place.Swap(v); old != nil {
		all.held.Add(-old.size())
	}
}

func (all *copies) drop() {
	for i := range all.places {
		all.put(&all.places[i], nil)
	}
}

// close ends the use of all copies.
func (all *copies) close() {
	if all != nil {
		all.closed.Store(true)
		all.drop()
	}
}

// countHit takes a counter by where the goroutine's stack is: that is quick, and goroutines that run at once have different ones.
func (all *copies) countHit() {
	const spread = 0x9E3779B97F4A7C15
	var here byte
	stack := uint64(uintptr(unsafe.Pointer(&here)) >> 11)
	all.hits[stack*spread>>(64-3)%hitCounters].count.Add(1)
}

// hitsSoFar are the hits since the cache was opened.
func (all *copies) hitsSoFar() (sum int64) {
	if all == nil {
		return 0
	}
	for i := range all.hits {
		sum += all.hits[i].count.Load()
	}
	return sum
}

// lend is the answer in a frame, which must be given back by release.
func (f *frame) lend(key string, asked settings) (*copied, error) {
	value, err := f.value()
	if err != nil {
		f.giveNear()
		return nil, unreadable(named(key), err)
	}
	f.lent = copied{key: key, asked: asked, value: value, near: f.c.near, lent: f}
	return &f.lent, nil
}

// copy is a value that needs no frame. The key is a copy too: it may be a part of something large.
func (v *copied) copy() *copied {
	own := &copied{key: strings.Clone(v.key), asked: v.asked, value: v.value.clone(), near: v.near}
	if v.value.kind == KindText {
		own.text = unsafe.String(unsafe.SliceData(own.value.data), len(own.value.data))
	}
	return own
}

func (v *copied) release() {
	if v.lent != nil {
		v.lent.giveNear()
	}
}

func (v *copied) size() int64 { return int64(len(v.key) + len(v.value.data) + copyOverhead) }

// decodePlain does the most frequent cases, as decodeScalar does.
func (v *copied) decodePlain(dst any) bool {
	if to, ok := dst.(*string); ok && to != nil && v.lent == nil && v.value.kind == KindText {
		*to = v.text
		return true
	}
	return decodeScalar(v.value, dst)
}

// decode stores the value where dst points to.
func (v *copied) decode(dst any) error {
	if v.decodePlain(dst) {
		return nil
	}
	return decodeKey(v.key, v.value, dst)
}
