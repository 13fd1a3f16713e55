package djredis

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"fmt"
	"strconv"
	"unsafe"
)

// Key is an argument of Do that is made into prefix:version:key.
type Key string

// Do sends any command and gives its reply: nil, an int64, a string for a status such as OK, a []byte for a string, a
// []any, ... An error reply is an ErrServer. Arguments are strings, []byte, numbers and bools (1 and 0); one may be a Key,
// which also says on which server the command runs, and Version(n) may stand anywhere for it. It is never sent twice. Commands that change a connection's state
// need WithConn.
func (c *Cache) Do(ctx context.Context, args ...any) (any, error) {
	args, s := withoutOptions(args)
	parts, keyIndex, err := arguments(args)
	if err != nil {
		return nil, err
	}
	f, err := c.begin(ctx, s)
	if err != nil {
		return nil, err
	}
	defer f.give()
	ignored, err := f.answer(ctx, C.djredis_cache_command(c.handle, parts.count(), pointer(parts.content), parts.sizes(),
		C.int32_t(keyIndex), &f.c.call, &f.c.out))
	if ignored || err != nil {
		return nil, err
	}
	return f.reply()
}

// withoutOptions parts the arguments that are sent from those that say how.
func withoutOptions(args []any) (sent []any, s settings) {
	for _, arg := range args {
		if opt, ok := arg.(CallOption); ok {
			s = opt.applyCall(s)
			continue
		}
		sent = append(sent, arg)
	}
	return sent, s
}

// reply is the answer as the Go value that fits it by itself.
func (f *frame) reply() (any, error) {
	var reply any
	err := f.into(&reply, "the reply")
	return reply, err
}

// arguments are those of one command, and which of them is a Key, or -1.
func arguments(args []any) (joined, int, error) {
	var content []byte
	lengths, keyIndex := make([]uint32, 0, len(args)), -1
	for i, arg := range args {
		if _, ok := arg.(Key); ok {
			if keyIndex >= 0 {
				return joined{}, 0, argumentError("a command takes one djredis.Key; MakeKey makes the others")
			}
			keyIndex = i
		}
		start := len(content)
		var err error
		if content, err = appendArgument(content, arg); err != nil {
			return joined{}, 0, err
		}
		lengths = append(lengths, uint32(len(content)-start))
	}
	if uint64(len(content)) > maxJoined {
		return joined{}, 0, argumentError("%d bytes at once are too many: the limit is 4 GiB", len(content))
	}
	return joined{content, lengths}, keyIndex, nil
}

func appendArgument(to []byte, arg any) ([]byte, error) {
	switch arg := arg.(type) {
	case string:
		return append(to, arg...), nil
	case Key:
		return append(to, arg...), nil
	case []byte:
		return append(to, arg...), nil
	case bool:
		return append(to, '0'+byte(boolValue(arg).number)), nil
	case float32:
		return strconv.AppendFloat(to, float64(arg), 'g', -1, 32), nil
	case float64:
		return strconv.AppendFloat(to, arg, 'g', -1, 64), nil
	case int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64:
		return fmt.Appendf(to, "%d", arg), nil
	}
	return nil, argumentError("a command takes strings, []byte, numbers and bools, not %T", arg)
}

// Conn is a connection of the cache's pool, borrowed by WithConn. Keys are sent as they are given. One goroutine uses it
// at a time; others wait.
//
// Its methods end by the context's deadline, which may be later than Options.SocketTimeout, and without one by that. After
// an error of the connection it is no longer usable.
type Conn struct {
	lock  chan struct{}
	conn  *C.djredis_conn // nil once it was given back
	frame *frame
}

// WithConn borrows a connection, calls use with it, and gives it back: closed, if its state was changed or a call on it
// failed. Its error is that of use, or of borrowing: ErrPool if none is free in time, ErrUnsupported where keys are spread over several
// servers. Options.IgnoreExceptions does not cover it.
func (c *Cache) WithConn(ctx context.Context, use func(*Conn) error) error {
	f, err := c.begin(ctx, settings{})
	if err != nil {
		return err
	}
	conn := &Conn{lock: make(chan struct{}, 1), frame: newFrame()}
	conn.frame.owner = c
	_, err = f.answer(ctx, C.djredis_conn_acquire(c.handle, &f.c.call, &conn.conn, &f.c.out))
	f.give()
	defer conn.release()
	if err != nil {
		return err
	}
	return use(conn)
}

// release waits for a call that another goroutine is in.
func (conn *Conn) release() {
	conn.lock <- struct{}{}
	C.djredis_conn_release(conn.conn)
	conn.conn = nil
	conn.frame.free()
	<-conn.lock
}

// begin readies the connection for a call; end must follow.
func (conn *Conn) begin(ctx context.Context, flags uint32) (*frame, error) {
	if err := checkContext(ctx); err != nil {
		return nil, err
	}
	select {
	case conn.lock <- struct{}{}:
	case <-ctx.Done():
		return nil, contextError(ctx)
	}
	if conn.conn == nil {
		<-conn.lock
		return nil, &Error{
			Status: ErrClosed, Retryable: true,
			Message: "the connection was given back when the function of WithConn ended; use it only inside",
		}
	}
	conn.frame.prepare(ctx, settings{flags: flags}, Infinite)
	return conn.frame, nil
}

func (conn *Conn) end() {
	if conn.frame.c.out.len > keptBytes {
		C.djredis_value_clear(&conn.frame.c.out)
	}
	<-conn.lock
}

// Command sends a command and gives its reply, as Cache.Do does. ErrMiss: an EXEC that a change of a watched key
// prevented.
func (conn *Conn) Command(ctx context.Context, args ...any) (any, error) {
	parts, err := plainArguments(args)
	if err != nil {
		return nil, err
	}
	f, err := conn.begin(ctx, 0)
	if err != nil {
		return nil, err
	}
	defer conn.end()
	status := C.djredis_conn_command(conn.conn, parts.count(), pointer(parts.content), parts.sizes(), &f.c.call, &f.c.out)
	if _, err := f.answer(ctx, status); err != nil {
		return nil, err
	}
	return f.reply()
}

// Pipeline sends many commands in one write, and gives their replies in order. An error reply stands among them as an
// *Error; the error of Pipeline itself means that there are no replies.
func (conn *Conn) Pipeline(ctx context.Context, commands ...[]any) ([]any, error) {
	return conn.pipeline(ctx, 0, commands)
}

// Multi is Pipeline in MULTI ... EXEC. ErrMiss: a change of a watched key prevented it, and nothing was executed.
func (conn *Conn) Multi(ctx context.Context, commands ...[]any) ([]any, error) {
	return conn.pipeline(ctx, abiMulti, commands)
}

func (conn *Conn) pipeline(ctx context.Context, flags uint32, commands [][]any) ([]any, error) {
	var all []any
	counts := make([]uint32, 0, len(commands))
	for _, command := range commands {
		all = append(all, command...)
		counts = append(counts, uint32(len(command)))
	}
	parts, err := plainArguments(all)
	if err != nil {
		return nil, err
	}
	f, err := conn.begin(ctx, flags)
	if err != nil {
		return nil, err
	}
	defer conn.end()
	status := C.djredis_conn_pipeline(conn.conn, C.size_t(len(counts)), (*C.uint32_t)(unsafe.SliceData(counts)),
		pointer(parts.content), parts.sizes(), &f.c.call, &f.c.out)
	results, err := f.list(ctx, status)
	if err != nil {
		return nil, err
	}
	return replies(results)
}

func replies(results []Result) ([]any, error) {
	all := make([]any, 0, len(results))
	for _, result := range results {
		if result.Err != nil {
			all = append(all, result.Err)
			continue
		}
		reply, err := result.Value.Any()
		if err != nil {
			return nil, err
		}
		all = append(all, reply)
	}
	return all, nil
}

// Send sends a command without waiting for its reply, which Receive brings: SUBSCRIBE, MONITOR, blocking commands.
func (conn *Conn) Send(ctx context.Context, args ...any) error {
	parts, err := plainArguments(args)
	if err != nil {
		return err
	}
	f, err := conn.begin(ctx, 0)
	if err != nil {
		return err
	}
	defer conn.end()
	_, err = f.answer(ctx, C.djredis_conn_send(conn.conn, parts.count(), pointer(parts.content), parts.sizes(), &f.c.call,
		&f.c.out))
	return err
}

// Receive gives the next reply or message; a pushed message is a []any. ErrMiss: none came by the context's deadline, or
// within Options.SocketTimeout without one; the connection stays usable.
func (conn *Conn) Receive(ctx context.Context) (any, error) {
	f, err := conn.begin(ctx, 0)
	if err != nil {
		return nil, err
	}
	defer conn.end()
	if _, err := f.answer(ctx, C.djredis_conn_receive(conn.conn, &f.c.call, &f.c.out)); err != nil {
		return nil, err
	}
	return f.reply()
}

func plainArguments(args []any) (joined, error) {
	parts, keyIndex, err := arguments(args)
	if err == nil && keyIndex >= 0 {
		err = argumentError("a connection sends keys as they are; MakeKey makes them")
	}
	return parts, err
}
