package djredis

import (
	"encoding/hex"
	"fmt"
	"math/big"
	"time"
)

// Python's types that Go has nothing alike for. Each is what Get puts into an `any`, and what Set writes back as the same
// Python type.
type (
	// Tuple is a Python tuple.
	Tuple []any
	// Set is a Python set, in no order.
	Set []any
	// FrozenSet is a Python frozenset, in no order.
	FrozenSet []any
	// Map is a dict in its order, and with any keys. A dict is only a Map in an `any` if Go can't hash its keys.
	Map []Entry[any]
	// OrderedDict is a collections.OrderedDict.
	OrderedDict []Entry[any]
	// Counter is a collections.Counter.
	Counter []Entry[any]
	// ByteArray is a bytearray.
	ByteArray []byte
	// Decimal is a decimal.Decimal as Python's str() writes it: "1.50", "NaN". "" is 0.
	Decimal string
	// SafeText is a text that Django marked as safe HTML.
	SafeText string
	// SurrogateText is a text with lone surrogates, each as the three bytes of its code point.
	SurrogateText string
	// Opaque is what can't be typed, an object that contains itself say: the stored bytes.
	Opaque []byte
	// UUID is a uuid.UUID, its bytes in the order of the text form.
	UUID [16]byte
	// Ellipsis is Python's `...`.
	Ellipsis struct{}
)

// String is the UUID's text form.
func (u UUID) String() string {
	text := hex.EncodeToString(u[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}

// DefaultDict is a collections.defaultdict.
type DefaultDict struct {
	// Factory is nil or the Record of a class.
	Factory any
	// Entries are the keys that there are, with their values.
	Entries Map
}

// Deque is a collections.deque.
type Deque struct {
	// MaxLen is nil for a deque without bounds.
	MaxLen *int64
	// Items are the elements, from left to right.
	Items []any
}

// Range is a Python range: from Start on, Step by Step, up to what is before Stop. All three must be given.
type Range struct{ Start, Stop, Step *big.Int }

// Record is an object of a class that has no type here, or the class itself: docs/values.md, section 4. A Django model's
// fields are in State. To write an object back exactly as it was, get it as a Value.
type Record struct {
	// Class is a text, "module.Name", as a rule.
	Class any
	// Args are what the object is made from; nil for the class itself.
	Args []any
	// State is most often a map of the fields.
	State any
	// How, Module, Base are further texts of the record, Kwargs the named arguments, Items and Entries what stands in an object
	// that is a list or a dict too. Nil or empty where they have nothing to say.
	How, Module, Base string
	Kwargs            any
	Items             []any
	Entries           any
}

// Date is a datetime.date.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// String is the date as 2006-01-02.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// TimeOfDay is a datetime.time without a zone.
type TimeOfDay struct {
	Hour, Minute, Second, Microsecond int
	// Fold is 1 for the second of two equal wall times.
	Fold int
}

// String is the time as 15:04:05.000000.
func (t TimeOfDay) String() string {
	return fmt.Sprintf("%02d:%02d:%02d.%06d", t.Hour, t.Minute, t.Second, t.Microsecond)
}

// DateTime is a datetime.datetime without a zone ("naive"). One with a zone is a time.Time.
type DateTime struct {
	Date
	TimeOfDay
}

// String is the wall time as 2006-01-02 15:04:05.000000.
func (d DateTime) String() string { return d.Date.String() + " " + d.TimeOfDay.String() }

// In is the moment when clocks in a zone show this wall time.
func (d DateTime) In(zone *time.Location) time.Time { return momentOf(d, zone) }

// Timedelta is a datetime.timedelta that a time.Duration can't hold: over 292 years.
type Timedelta struct {
	Days int
	// Seconds is from 0 to 86399, Microseconds from 0 to 999999.
	Seconds, Microseconds int
}

// Format is a format that values are stored in.
type Format uint8

// The formats of payloads.
const (
	Pickle Format = 1 + iota
	JSON
	MessagePack
	Raw
)

// Payload is a value that the program serializes by itself: Set stores its bytes, compressed and signed as the options say.
type Payload struct {
	// Format is what Data is written in: to be read again, one that the cache reads (options SERIALIZER and ACCEPT).
	Format Format
	// Data is neither compressed nor signed.
	Data []byte
}
