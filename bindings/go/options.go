package djredis

import (
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"strings"
	"time"
)

// Infinite as a time: for ever. Cache.TTL answers it for a key that never expires.
const Infinite time.Duration = math.MaxInt64

// Options are what a cache is opened with. A zero field leaves the option at its default; docs/options.md has them all.
// What the location gives (its database, its credentials) wins.
type Options struct {
	// KeyPrefix and Version are the first parts of every key: prefix:version:key. Default "" and 1.
	KeyPrefix string
	Version   int64

	// Timeout is how long a value lives where Set is not told. Default 300 s; Infinite: for ever.
	Timeout time.Duration
	// ZeroTimeout is what a time to live of 0 or below means: "forever" (default), or "expire" as in Django today.
	ZeroTimeout string

	// DB is the number of the database, where the location names none.
	DB int
	// Username and Password log in. They are shown by no error, and not when Options are printed.
	Username, Password string

	// SocketTimeout is the most that a call may take, connecting included. Default 5 s.
	SocketTimeout time.Duration
	// SocketConnectTimeout is the most that connecting and logging in may take. Default 2 s.
	SocketConnectTimeout time.Duration
	// PoolTimeout is the most that waiting for a free connection may take. Default: what is left of the call.
	PoolTimeout time.Duration
	// MaxConnections to one server, which calls share when all are in use. Default 16.
	MaxConnections int
	// Protocol is "resp2" (default) or "resp3".
	Protocol string

	// ClientClass says which server gets which key: "default" is one, or a primary and its replicas; "shard" spreads keys over
	// several, and Extra has its RING; "sentinel" asks sentinels for the primary, and Extra has SENTINELS: "host:port,host:port".
	// "cluster" asks the nodes of a Redis Cluster, some of which the location names.
	ClientClass string
	// Serializer is the program's own, for values other than integers, which stay digits: see the package's documentation.
	// Default nil: the library's, which Extra chooses: {"SERIALIZER": "json"}.
	Serializer Serializer
	// PickleVersion is the protocol that is written, 2 to 5. Default: the highest.
	PickleVersion int
	// Compressor is how stored values are compressed. Default "identity": not at all.
	Compressor string
	// DecodeError is what a stored value that can't be read is: "raise" (default), an ErrDecode; or "miss".
	DecodeError string

	// IgnoreExceptions treats a server that can't be reached as an empty cache: see the package's documentation.
	IgnoreExceptions bool
	// LogIgnoredExceptions logs each error that IgnoreExceptions hides.
	LogIgnoredExceptions bool
	// Logger gets those. Default slog.Default().
	Logger *slog.Logger

	// Clear is what Cache.Clear takes: "db" (default), the whole database; or "prefix", this prefix's keys.
	Clear string
	// ScanIterSize is how many keys the server looks at in one step of Keys, Scan and DeletePattern. Default 1000.
	ScanIterSize int

	// Extra holds further options by their names, and values that the fields can't say, such as {"TIMEOUT": "0"}. It wins
	// over the fields.
	Extra map[string]string
}

// named are the options that are set, by their names in docs/options.md.
func (o Options) named() (map[string]string, error) {
	set := map[string]string{}
	text := func(name, value string) {
		if value != "" {
			set[name] = value
		}
	}
	number := func(name string, value int64) {
		if value != 0 {
			set[name] = strconv.FormatInt(value, 10)
		}
	}
	duration := func(name string, value time.Duration) {
		if value != 0 {
			set[name] = seconds(value)
		}
	}
	flag := func(name string, value bool) {
		if value {
			set[name] = "true"
		}
	}
	text("KEY_PREFIX", o.KeyPrefix)
	number("VERSION", o.Version)
	duration("TIMEOUT", o.Timeout)
	text("ZERO_TIMEOUT", o.ZeroTimeout)
	number("DB", int64(o.DB))
	text("USERNAME", o.Username)
	text("PASSWORD", o.Password)
	duration("SOCKET_TIMEOUT", o.SocketTimeout)
	duration("SOCKET_CONNECT_TIMEOUT", o.SocketConnectTimeout)
	duration("POOL_TIMEOUT", o.PoolTimeout)
	number("MAX_CONNECTIONS", int64(o.MaxConnections))
	text("PROTOCOL", o.Protocol)
	text("CLIENT_CLASS", o.ClientClass)
	number("PICKLE_VERSION", int64(o.PickleVersion))
	text("COMPRESSOR", o.Compressor)
	text("DECODE_ERROR", o.DecodeError)
	flag("IGNORE_EXCEPTIONS", o.IgnoreExceptions)
	flag("LOG_IGNORED_EXCEPTIONS", o.LogIgnoredExceptions)
	text("CLEAR", o.Clear)
	number("SCAN_ITERSIZE", int64(o.ScanIterSize))
	for name, value := range o.Extra {
		upper := strings.ToUpper(name)
		if upper == "SERIALIZER" && o.Serializer != nil {
			return nil, twoSerializers(name + " stands in Options.Extra")
		}
		delete(set, upper)
		set[name] = value
	}
	if o.Serializer != nil {
		set["SERIALIZER"] = rawSerializer
	}
	return set, nil
}

// seconds in decimal, as the library reads times: all nine digits, since a float would lose some.
func seconds(d time.Duration) string {
	if d == Infinite {
		return "none"
	}
	sign := ""
	if d < 0 {
		sign = "-"
	}
	whole, rest := d/time.Second, d%time.Second
	return fmt.Sprintf("%s%d.%09d", sign, whole.Abs(), rest.Abs())
}

// Format prints the options without their secrets.
func (o Options) Format(f fmt.State, verb rune) {
	type plain Options
	shown := plain(o)
	if shown.Password != "" {
		shown.Password = "***"
	}
	if o.Serializer != nil {
		shown.Serializer = shownSerializer{name: fmt.Sprintf("%T", o.Serializer)}
	}
	if o.Extra != nil {
		shown.Extra = make(map[string]string, len(o.Extra))
		for name, value := range o.Extra {
			upper := strings.ToUpper(name)
			if strings.Contains(upper, "PASSWORD") || strings.Contains(upper, "KEYS") {
				value = "***"
			}
			shown.Extra[name] = value
		}
	}
	fmt.Fprintf(f, fmt.FormatString(f, verb), shown)
}

// shownSerializer is printed as its type: a serializer may hold a key.
type shownSerializer struct {
	Serializer
	name string
}

func (s shownSerializer) String() string   { return s.name }
func (s shownSerializer) GoString() string { return s.name }

// LogValue is what slog prints: no secrets.
func (o Options) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf("%+v", o)) }
