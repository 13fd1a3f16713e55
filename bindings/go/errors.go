package djredis

import (
	"errors"
	"fmt"
	"sort"
	"strings"
)

// Status says in one word what went wrong. ErrMiss, ErrTimeout and its other values are targets for errors.Is.
type Status int32

// Error is the status as a sentence.
func (s Status) Error() string {
	if text, ok := statusTexts[s]; ok {
		return "djredis: " + text
	}
	return fmt.Sprintf("djredis: status %d", int32(s))
}

// Error is everything but ErrMiss that a method can answer. errors.Is compares it with ErrTimeout and its like, and
// with context.DeadlineExceeded or context.Canceled where the call's own context ended it.
type Error struct {
	// Status says what went wrong: ErrTimeout, ...
	Status Status
	// Message is a sentence that names the server, the key or the option. It never holds a password.
	Message string
	// Retryable is true where the server has certainly executed nothing: trying again is safe even for a write.
	Retryable bool
	// Away is true for trouble with the connection or the server: what Options.IgnoreExceptions covers.
	Away bool
	// Stored holds the bytes that can't be read, with ErrDecode, as the serializer wrote them.
	Stored []byte

	maybeSent bool
	cause     error
}

// Error is the message.
func (e *Error) Error() string { return "djredis: " + e.Message }

// Is tells whether the target is this error's status.
func (e *Error) Is(target error) bool {
	status, ok := target.(Status)
	return ok && status == e.Status
}

// Unwrap gives the error of the context that ended the call, or of what failed: a MarshalText, an UnmarshalText, a Serializer.
func (e *Error) Unwrap() error { return e.cause }

// Timeout tells whether the call took too long, as in net.Error.
func (e *Error) Timeout() bool { return e.Status == ErrTimeout || e.Status == ErrPool }

// MaybeSent is true where the server may have executed the call all the same.
func (e *Error) MaybeSent() bool { return e.maybeSent }

func argumentError(format string, values ...any) error {
	return &Error{Status: ErrArgument, Message: fmt.Sprintf(format, values...), Retryable: true}
}

// KeysError says which keys of a GetMany or SetMany failed, and why. The others succeeded.
type KeysError struct {
	// Errors by key; never empty.
	Errors map[string]error
}

// Error is the first failure, by name of the key, and how many there are.
func (e *KeysError) Error() string {
	keys := e.keys()
	if len(keys) == 0 {
		return "djredis: no key failed"
	}
	first := e.Errors[keys[0]].Error()
	if len(keys) == 1 {
		return first
	}
	return fmt.Sprintf("%s (and %d more keys failed)", first, len(keys)-1)
}

// Unwrap gives the errors of the single keys to errors.Is and errors.As.
func (e *KeysError) Unwrap() []error {
	all := make([]error, 0, len(e.Errors))
	for _, key := range e.keys() {
		all = append(all, e.Errors[key])
	}
	return all
}

func (e *KeysError) keys() []string {
	keys := make([]string, 0, len(e.Errors))
	for key := range e.Errors {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

// valueError is a value that does not fit, somewhere inside another one: path is ".Tags[3]", say.
type valueError struct {
	path   string
	reason string
	// cause is the error of a method of the program's own, if that is the reason.
	cause error
	// stored are the bytes that a serializer could not read.
	stored []byte
}

// shownPath is how much of a path a sentence shows at each of its ends.
const shownPath = 80

func (e *valueError) Error() string {
	path := e.path
	if path == "" {
		return e.reason
	}
	if len(path) > 2*shownPath+len("...") {
		path = path[:shownPath] + "..." + path[len(path)-shownPath:]
	}
	return "at " + strings.ToValidUTF8(path, "") + ": " + e.reason
}

func (e *valueError) Unwrap() error { return e.cause }

func misfit(format string, values ...any) error {
	return &valueError{reason: fmt.Sprintf(format, values...)}
}

// within puts a step in front of the path of an error from inside a value.
func within(err error, step string) error {
	var inner *valueError
	if errors.As(err, &inner) {
		return &valueError{path: step + inner.path, reason: inner.reason, cause: inner.cause}
	}
	return err
}

// unreadable is the ErrDecode of a value that does not fit its destination.
func unreadable(what string, err error) error {
	return &Error{
		Status: ErrDecode, Message: what + " can't be read: " + err.Error(), Stored: storedIn(err), cause: errors.Unwrap(err),
	}
}

// storedIn are the bytes that a serializer could not read, or nil if that is not the reason.
func storedIn(err error) []byte {
	if failed, ok := err.(*valueError); ok {
		return failed.stored
	}
	return nil
}

// unwritable is the ErrEncode of a value that Redis can't hold.
func unwritable(what string, err error) error {
	return &Error{Status: ErrEncode, Message: what + " can't be stored: " + err.Error(), Retryable: true, cause: errors.Unwrap(err)}
}
