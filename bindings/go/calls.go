package djredis

import (
	"math"
	"time"
)

// settings are what the options of one call add up to. They are handed on by value: behind an interface a pointer would
// cost each call an allocation.
type settings struct {
	flags     uint32
	version   int64
	ttlMillis int64
	count     int64
}

// CallOption changes how one key is reached: Version, KeyMade. Every method takes them.
type CallOption interface{ applyCall(settings) settings }

// SetOption changes how a value is stored: TTL, Forever, NX, XX, and every CallOption.
type SetOption interface{ applySet(settings) settings }

// GetOption changes how a value is read: AsPayload, and every CallOption.
type GetOption interface{ applyGet(settings) settings }

// ScanOption changes how keys are looked for: Count, and every CallOption.
type ScanOption interface{ applyScan(settings) settings }

// KeyOption is an option that every method takes.
type KeyOption struct {
	flag    uint32
	version int64
}

// Version is the version of the keys, in place of Options.Version.
func Version(n int64) KeyOption { return KeyOption{abiVersion, n} }

// KeyMade says that the key or pattern is already prefix:version:key.
var KeyMade = KeyOption{flag: abiKeyMade}

func (o KeyOption) applyCall(s settings) settings {
	s.flags |= o.flag
	if o.flag == abiVersion {
		s.version = o.version
	}
	return s
}

func (o KeyOption) applySet(s settings) settings  { return o.applyCall(s) }
func (o KeyOption) applyGet(s settings) settings  { return o.applyCall(s) }
func (o KeyOption) applyScan(s settings) settings { return o.applyCall(s) }

// ReadOption is an option of reading.
type ReadOption uint32

// AsPayload asks for the stored bytes of a value, verified and decompressed, for a program that decodes by itself: a
// Payload, except for integers.
const AsPayload ReadOption = abiAsPayload

func (o ReadOption) applyGet(s settings) settings {
	s.flags |= uint32(o)
	return s
}

// Condition is NX or XX: under it a value is stored, or the answer is ErrMiss.
type Condition uint32

const (
	// NX stores a value only if the key is not there.
	NX Condition = abiNx
	// XX stores a value only if the key is there.
	XX Condition = abiXx
)

func (c Condition) applySet(s settings) settings {
	s.flags |= uint32(c)
	return s
}

// Lifetime is how long a value lives.
type Lifetime time.Duration

// Forever is the life of a value that never expires.
const Forever = Lifetime(Infinite)

// TTL is how long a value lives, to the millisecond; parts of one count as a whole. Infinite is Forever, and 0 and below
// mean what Options.ZeroTimeout says.
func TTL(d time.Duration) Lifetime { return Lifetime(d) }

func (l Lifetime) applySet(s settings) settings {
	s.flags |= abiTtl
	s.ttlMillis = abiForever
	if l != Forever {
		s.ttlMillis = millis(time.Duration(l))
	}
	return s
}

// ScanCount is an option of scans.
type ScanCount int64

// Count is how many keys the server looks at in one step, in place of Options.ScanIterSize.
func Count(n int64) ScanCount { return ScanCount(n) }

func (n ScanCount) applyScan(s settings) settings {
	s.count = int64(n)
	return s
}

// millis rounds away from zero: what is not over yet is not over at once.
func millis(d time.Duration) int64 {
	whole := int64(d / time.Millisecond)
	switch rest := d % time.Millisecond; {
	case rest > 0:
		return whole + 1
	case rest < 0 && whole > math.MinInt64:
		return whole - 1
	}
	return whole
}

func callSettings(opts []CallOption) (s settings) {
	for _, opt := range opts {
		s = opt.applyCall(s)
	}
	return s
}

func setSettings(opts []SetOption) (s settings) {
	for _, opt := range opts {
		s = opt.applySet(s)
	}
	return s
}

func getSettings(opts []GetOption) (s settings) {
	for _, opt := range opts {
		s = opt.applyGet(s)
	}
	return s
}

func scanSettings(opts []ScanOption) (s settings) {
	for _, opt := range opts {
		s = opt.applyScan(s)
	}
	return s
}

// ofKey is what tells how the key is made, without how to store.
func (s settings) ofKey() settings {
	return settings{flags: s.flags & (abiVersion | abiKeyMade), version: s.version}
}
