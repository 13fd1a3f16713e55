package djredis

/*
#cgo CFLAGS: -I${SRCDIR}
#include "shim.h"
*/
import "C"

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"runtime"
	"strconv"
	"time"
)

// Cache is Django's Redis cache. Any number of goroutines may use it at once. A cache that is no longer referred to is
// freed by Go's collector; Close frees its connections earlier.
type Cache struct {
	handle        *C.djredis_cache
	socketTimeout time.Duration // Infinite for none
	ignores       bool          // IGNORE_EXCEPTIONS
	logIgnored    bool
	logger        *slog.Logger
	serializer    Serializer // nil for the library's own
	missOnDecode  bool       // DECODE_ERROR is "miss"
	near          bool       // NEAR_CACHE is not 0
	copies        *copies    // of what the near cache has; nil without one
	reads, writes gatherer
}

// Open opens a cache. No socket is touched before its first use.
//
// location is "127.0.0.1:6379:1", "[::1]:6379:0", "unix:/run/redis.sock:1" or a URL such as
// "redis://user:password@host:6379/1?socket_timeout=2"; several of them, with commas between
// them. The error is ErrConfig, and names what is wrong.
func Open(location string, opts Options) (*Cache, error) {
	if err := checkABI(); err != nil {
		return nil, err
	}
	f := newFrame()
	defer f.free()
	options := C.djredis_options_new()
	defer C.djredis_options_free(options)
	named, err := opts.named()
	if err != nil {
		return nil, err
	}
	for _, name := range sortedKeys(named) {
		value := named[name]
		status := C.djredis_options_set(options, text(name), length(name), text(value), length(value), &f.c.out)
		if status != statusOK {
			return nil, f.fail(context.Background(), status)
		}
	}
	c := &Cache{logger: opts.Logger, serializer: opts.Serializer}
	status := C.djredis_cache_open(text(location), length(location), options, &c.handle, &f.c.out)
	if status != statusOK {
		return nil, f.fail(context.Background(), status)
	}
	runtime.SetFinalizer(c, func(c *Cache) { C.djredis_cache_free(c.handle) })
	if err := c.readOptions(); err != nil {
		return nil, err
	}
	return c, nil
}

// checkABI refuses a library that a program linked dynamically and that is not the one it was built for.
func checkABI() error {
	abi := uint32(C.djredis_abi())
	if abi == C.DJREDIS_ABI {
		return nil
	}
	return &Error{Status: ErrConfig, Retryable: true, Message: fmt.Sprintf(
		"libdjredis %s has the ABI %d, and this program was built for %d: build it with the release of the package that belongs "+
			"to the library, or let the loader find libdjredis.so.%d (ldconfig -p and ldd show which it takes)",
		C.GoString(C.djredis_version()), abi, C.DJREDIS_ABI, C.DJREDIS_ABI)}
}

// readOptions asks for what this package itself goes by.
func (c *Cache) readOptions() error {
	timeout, err := c.Option("SOCKET_TIMEOUT")
	if err != nil {
		return err
	}
	c.socketTimeout = Infinite
	if seconds, err := strconv.ParseFloat(timeout, 64); err == nil {
		c.socketTimeout = time.Duration(seconds * float64(time.Second))
	}
	ignores, err := c.Option("IGNORE_EXCEPTIONS")
	if err != nil {
		return err
	}
	logIgnored, err := c.Option("LOG_IGNORED_EXCEPTIONS")
	if err != nil {
		return err
	}
	decodeError, err := c.Option("DECODE_ERROR")
	if err != nil {
		return err
	}
	near, err := c.Option("NEAR_CACHE")
	if err != nil {
		return err
	}
	nearBytes, err := strconv.ParseInt(near, 10, 64)
	if err != nil {
		nearBytes = math.MaxInt64
	}
	c.near, c.copies = nearBytes != 0, newCopies(nearBytes)
	c.ignores, c.logIgnored, c.missOnDecode = ignores == "true", logIgnored == "true", decodeError == "miss"
	return c.checkSerializer()
}

// Close closes the connections. Calls that are running finish, later ones answer ErrClosed. It can be called more than
// once, and its error is always nil.
func (c *Cache) Close() error {
	c.copies.close()
	C.djredis_cache_close(c.handle)
	runtime.KeepAlive(c)
	return nil
}

// Option is the value of an option that is in force, by its name in docs/options.md; a password is shown as ***.
func (c *Cache) Option(name string) (string, error) {
	f := newFrame()
	defer f.free()
	status := C.djredis_cache_option(c.handle, text(name), length(name), &f.c.out)
	runtime.KeepAlive(c)
	if status != statusOK {
		return "", f.fail(context.Background(), status)
	}
	return string(f.bytes()), nil
}

// OptionInfo describes an option.
type OptionInfo struct {
	Name    string `djredis:"name"`
	Type    string `djredis:"type"`
	Default string `djredis:"default"`
	Doc     string `djredis:"doc"`
	// Available is false for an option whose feature this release does not have.
	Available bool `djredis:"available"`
}

// ListOptions describes every option that the library knows, by its name for Options.Extra.
func ListOptions() ([]OptionInfo, error) {
	f := newFrame()
	defer f.free()
	if status := C.djredis_options_list(&f.c.out); status != statusOK {
		return nil, f.fail(context.Background(), status)
	}
	var all []OptionInfo
	err := f.into(&all, "the list of options")
	return all, err
}

// Stats are the counters since a cache was opened.
type Stats struct {
	// Hits and Misses are the keys that reads found, and did not find.
	Hits   int64 `djredis:"hits"`
	Misses int64 `djredis:"misses"`
	// Sets are the keys that were written.
	Sets int64 `djredis:"sets"`
	// Errors are the calls that failed, ignored ones included; DecodeErrors the values that could not be read.
	Errors       int64 `djredis:"errors"`
	DecodeErrors int64 `djredis:"decode_errors"`
	// Connects are the connections that were opened, which other caches may share; Retries the calls that were sent again,
	// since their connection was dead; Rides those that were sent together with another's, since all connections were in use.
	Connects int64 `djredis:"connects"`
	Retries  int64 `djredis:"retries"`
	Rides    int64 `djredis:"rides"`
	// BreakerOpens is how often calls began to fail at once since a server was away; BreakerRefusals the calls that did.
	BreakerOpens    int64 `djredis:"breaker_opens"`
	BreakerRefusals int64 `djredis:"breaker_refusals"`
	// NearHits and NearMisses are the keys that reads found in the near cache (the option NEAR_CACHE), and did not find there.
	NearHits   int64 `djredis:"near_hits"`
	NearMisses int64 `djredis:"near_misses"`
	// NearInvalidations are the keys that the server named as changed to the near cache, which other caches of the process
	// may share; NearFlushes how often everything in it was dropped.
	NearInvalidations int64 `djredis:"near_invalidations"`
	NearFlushes       int64 `djredis:"near_flushes"`
	// Formats are the values that were read, by format: "integer", the serializers and the compressors.
	Formats map[string]int64 `djredis:"formats"`
}

// Stats are the counters since the cache was opened. Nothing is sent.
func (c *Cache) Stats() (Stats, error) {
	f := newFrame()
	defer f.free()
	status := C.djredis_cache_stats(c.handle, &f.c.out)
	runtime.KeepAlive(c)
	var stats Stats
	if status != statusOK {
		return stats, f.fail(context.Background(), status)
	}
	err := f.into(&stats, "the counters")
	own := c.copies.hitsSoFar()
	stats.Hits += own
	stats.NearHits += own
	return stats, err
}

// MakeKey is the key as it stands in Redis: prefix:version:key.
func (c *Cache) MakeKey(key string, opts ...CallOption) (string, error) {
	f := newFrame()
	defer f.free()
	f.prepare(context.Background(), callSettings(opts), Infinite)
	status := C.djredis_cache_make_key(c.handle, text(key), length(key), &f.c.call, &f.c.out)
	runtime.KeepAlive(c)
	if status != statusOK {
		return "", f.fail(context.Background(), status)
	}
	return string(f.bytes()), nil
}

// ServerFor is the server that holds a key: its entry of the location, without a password.
func (c *Cache) ServerFor(key string, opts ...CallOption) (string, error) {
	f := newFrame()
	defer f.free()
	f.prepare(context.Background(), callSettings(opts), Infinite)
	status := C.djredis_cache_server_for(c.handle, text(key), length(key), &f.c.call, &f.c.out)
	runtime.KeepAlive(c)
	if status != statusOK {
		return "", f.fail(context.Background(), status)
	}
	return string(f.bytes()), nil
}

// Encode gives the bytes that Set would store.
func (c *Cache) Encode(value any) ([]byte, error) {
	in, err := c.slotOf(value)
	if err != nil {
		return nil, unwritable("the value", err)
	}
	f := newFrame()
	defer f.free()
	status := C.djredis_go_encode(c.handle, C.int32_t(in.slotType), C.uint32_t(in.flags), C.int64_t(in.integer),
		C.double(in.real), pointer(in.data), C.size_t(len(in.data)), f.c)
	runtime.KeepAlive(c)
	if status != statusOK {
		return nil, f.fail(context.Background(), status)
	}
	return append([]byte{}, f.bytes()...), nil
}

// Decode stores the value that Get would make of stored bytes where dst points to.
func (c *Cache) Decode(stored []byte, dst any) error {
	f := newFrame()
	defer f.free()
	status := C.djredis_cache_decode(c.handle, pointer(stored), C.size_t(len(stored)), &f.c.out)
	runtime.KeepAlive(c)
	if status != statusOK {
		return f.fail(context.Background(), status)
	}
	if c.serializer == nil {
		return f.into(dst, "the value")
	}
	value, err := f.value()
	if err == nil {
		err = decode(value.serializedBy(c.serializer), dst)
	}
	if err != nil {
		return unreadable("the value", err)
	}
	return nil
}

// String names the servers, without a password.
func (c *Cache) String() string {
	server, err := c.ServerFor("")
	if err != nil {
		return "djredis.Cache(" + err.Error() + ")"
	}
	return "djredis.Cache(" + server + ")"
}

// into decodes the answer.
func (f *frame) into(dst any, what string) error {
	value, err := f.value()
	if err == nil {
		err = decode(value, dst)
	}
	if err != nil {
		return unreadable(what, err)
	}
	return nil
}

// answer turns a status into what went wrong: nil for OK, and for what IGNORE_EXCEPTIONS covers, where ignored is true.
func (f *frame) answer(ctx context.Context, status C.int32_t) (ignored bool, err error) {
	switch status {
	case statusOK:
		return false, nil
	case C.DJREDIS_MISS:
		return false, ErrMiss
	case statusIgnored:
		f.owner.logHidden(ctx, string(f.bytes()))
		return true, nil
	}
	return false, f.fail(ctx, status)
}

// hides says whether IGNORE_EXCEPTIONS covers the error of one key of several, and logs it if so.
func (c *Cache) hides(ctx context.Context, err error) bool {
	var failed *Error
	if !c.ignores || !errors.As(err, &failed) || !failed.Away {
		return false
	}
	c.logHidden(ctx, failed.Message)
	return true
}

func (c *Cache) logHidden(ctx context.Context, message string) {
	if !c.logIgnored {
		return
	}
	logger := c.logger
	if logger == nil {
		logger = slog.Default()
	}
	logger.WarnContext(ctx, "djredis: ignored, since IgnoreExceptions is on", "error", message)
}

// yes is the answer of a call that says yes or no: OK or MISS.
func (f *frame) yes(ctx context.Context, status C.int32_t) (bool, error) {
	if status == C.DJREDIS_MISS {
		return false, nil
	}
	ignored, err := f.answer(ctx, status)
	return err == nil && !ignored, err
}
