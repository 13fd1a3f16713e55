// Package djredis is Django's Redis cache for Go: the same keys and the same typed values as django-redis in Python, from
// the same Redis.
//
//	cache, err := djredis.Open("127.0.0.1:6379:1", djredis.Options{KeyPrefix: "shop"})
//	...
//	err = cache.Set(ctx, "user:42", user, djredis.TTL(5*time.Minute))
//	user, err := djredis.Get[User](ctx, cache, "user:42")
//
// One [Cache] serves a whole program: any number of goroutines use it at once. It opens no socket before its first use.
//
// # Contexts and deadlines
//
// A call ends by the deadline of its context, or by Options.SocketTimeout, whichever is earlier. A context that has ended
// before a call, or while it waits for its turn in Go, ends it at once, with nothing sent. A call that is on its way is
// rarely cut off when its context is cancelled: it ends when the answer comes, or by the deadline it began with. So give
// every context a deadline. Keys, Scan, DeletePattern and Clear make many round trips: Options.SocketTimeout holds for each
// of them, the context's deadline for the whole.
//
// # Many goroutines
//
// Where more than a few goroutines call at once, their calls of Get, Set, Add, Delete, Has and Incr are sent together, as one
// pipeline. Nothing else changes: each has its own answer, error and deadline. So any number of goroutines share few threads
// and connections. A cancelled context ends such a call at once; whether it was executed is not known then
// (Error.MaybeSent).
//
// # Errors
//
// A missing key is [ErrMiss] itself. Everything else is an [*Error], which errors.Is compares with [ErrTimeout],
// [ErrConnection], [ErrDecode] and their like, and with context.DeadlineExceeded or context.Canceled where the call's context
// had ended. Error.Retryable says that nothing was executed.
//
// With Options.IgnoreExceptions a server that can't be reached is an empty cache: reads answer ErrMiss, an empty map or
// false, writes succeed without effect. Where that would be a lie it is an error all the same: Add, Set with NX or XX answer
// ErrMiss, and locks and WithConn fail.
//
// # Values
//
// What Set makes of Go's types, and what Get makes of Python's in an `any`:
//
//	Go                                Python        Go again, in an any
//	nil, nil pointer, map, slice      None          nil
//	bool                              bool          bool
//	any integer, *big.Int             int           int64, *big.Int over 64 bits
//	float32, float64                  float         float64
//	string (UTF-8)                    str           string
//	[]byte, [N]byte                   bytes         []byte
//	slice, array                      list          []any
//	map                               dict          map[string]any, map[any]any, Map
//	struct                            dict          map[string]any
//	map[K]struct{}, Set               set           Set
//	FrozenSet, Tuple                  frozenset ... FrozenSet, Tuple
//	time.Time                         datetime      time.Time if it has a zone, else DateTime
//	time.Duration                     timedelta     time.Duration, Timedelta over 292 years
//	Date, TimeOfDay, DateTime         date, ...     the same
//	Decimal                           Decimal       Decimal
//	UUID, any [16]byte named UUID     UUID          UUID
//	*big.Rat                          Fraction      *big.Rat
//	complex64, complex128             complex       complex128
//	encoding.TextMarshaler            str           string
//	Value                             as it was     (what it holds)
//	Record                            any class     Record
//
// OrderedDict, Counter, DefaultDict, Deque, Range, ByteArray, SafeText, SurrogateText and Ellipsis stand for the Python types
// of these names. Channels, functions, values that hold themselves, strings that are no UTF-8 and structs without exported
// fields are an [ErrEncode] that names the place and the type.
//
// What is lost on the way: nanoseconds, since Python has microseconds; the monotonic clock of a time.Time; the name of a
// zone that is none of the time zone database; what tells a slice from an array, and a struct from a map. A dict comes in
// Go's order of maps, that is none; a [Map] or a [Value] keeps it.
//
// A dict in an `any` is a map[string]any if all its keys are str, else a map[any]any; but a [Map] if a key is a tuple, a
// frozenset, bytes or anything else that Go can't compare.
//
// # Destinations
//
// Get stores into any Go type that holds the value without loss; anything else is an [ErrDecode] that names the field, the
// value and the type: an int that overflows, a float for an int, None for what is no pointer, map, slice or interface.
// A pointer is allocated, or nil for None. Lists, tuples and sets fit slices; arrays need their length.
//
// Fields of structs follow the rules of encoding/json: the tag `djredis:"name,omitempty,omitzero"` or "-", exported fields
// alone, embedded structs in place, a key finds the field of its name or else one that differs by case, unknown keys are
// passed over, and fields without a key keep what they held. The fields of a Django model or any other Python object are
// read the same way.
//
// A destination with UnmarshalText reads a str, or the digits of a Decimal. As in encoding/json a struct that embeds a type
// with MarshalText or UnmarshalText has these methods too.
//
// # Serializers
//
// Extra's {"SERIALIZER": "json"} stores values as a Django site with that serializer does; docs/values.md, section 8, says what
// each holds. [Options.Serializer] is one of the program's own, such as encoding/json or encoding/gob, where only Go reads the
// values: the table and the rules above then are its own. Every method that reads or writes values uses it, [Value.Decode] too.
// What it fails with is an [ErrEncode] or [ErrDecode] that wraps its error; Error.Stored has what could not be read.
//
// Integers never go through it, so that Incr and other programs count with them: those of any Go type without
// MarshalText, MarshalBinary or MarshalJSON, a time.Duration too, and big.Int. They come back into any type of number, into an
// `any` as int64 or *big.Int, and else by Unmarshal of their digits. A float that Marshal writes as digits alone (3.0 in
// JSON) is such an integer as well; anything else that it writes so is an ErrEncode.
//
// # Linking
//
// The package needs cgo and the library libdjredis: statically linked by default, dynamically with the build tag "dynamic".
// docs/go.md says where they are looked for.
package djredis
