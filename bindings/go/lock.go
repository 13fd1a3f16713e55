package djredis

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	mathrand "math/rand"
	"time"
)

// Lock is a lock that this program has, until its time is over. redis-py and django-redis respect it, and the reverse. Any
// number of goroutines may use it.
type Lock struct {
	cache *Cache
	key   string
	token string
	of    settings
}

const (
	tokenBytes = 16
	// A caller that waits for a lock asks again after a random time between these.
	shortestPause = 10 * time.Millisecond
	longestPause  = 100 * time.Millisecond
)

// LockOption changes how a lock is taken: Token, and every CallOption.
type LockOption interface{ applyLock(*Lock) }

// Token is what stands in Redis while a lock is held, in place of a random one. Nobody else may have it.
type Token string

func (t Token) applyLock(l *Lock) { l.token = string(t) }

func (o KeyOption) applyLock(l *Lock) { l.of = o.applyCall(l.of) }

// Lock takes a lock for ttl (0: as Options.Timeout says), or answers ErrMiss if somebody has it. What holds a lock is a key of the cache's, so prefix
// and version count. With Options.IgnoreExceptions too, an unreachable server is an error: a lock that nobody knows of
// protects nothing.
func (c *Cache) Lock(ctx context.Context, key string, ttl time.Duration, opts ...LockOption) (*Lock, error) {
	token := make([]byte, tokenBytes)
	if _, err := rand.Read(token); err != nil {
		return nil, err
	}
	lock := c.HeldLock(key, hex.EncodeToString(token), opts...)
	f, err := lock.begin(ctx, ttl)
	if err != nil {
		return nil, err
	}
	defer f.give()
	status := C.djredis_cache_lock(c.handle, text(key), length(key), text(lock.token), length(lock.token), &f.c.call, &f.c.out)
	if err := f.strict(ctx, status); err != nil {
		return nil, err
	}
	return lock, nil
}

// HeldLock is a lock that was taken elsewhere, in another process say, with this token.
func (c *Cache) HeldLock(key, token string, opts ...LockOption) *Lock {
	lock := &Lock{cache: c, key: key, token: token}
	for _, opt := range opts {
		opt.applyLock(lock)
	}
	return lock
}

// LockWait is Lock for a caller that waits until it gets the lock, or the context ends.
func (c *Cache) LockWait(ctx context.Context, key string, ttl time.Duration, opts ...LockOption) (*Lock, error) {
	for {
		lock, err := c.Lock(ctx, key, ttl, opts...)
		if !errors.Is(err, ErrMiss) {
			return lock, err
		}
		pause := time.NewTimer(shortestPause + time.Duration(mathrand.Int63n(int64(longestPause-shortestPause))))
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return nil, contextError(ctx)
		}
	}
}

// Extend gives the lock a new time to live, counted from now. ErrMiss: it is not ours any more.
func (l *Lock) Extend(ctx context.Context, ttl time.Duration) error {
	f, err := l.begin(ctx, ttl)
	if err != nil {
		return err
	}
	defer f.give()
	return f.strict(ctx, C.djredis_cache_extend(l.cache.handle, text(l.key), length(l.key), text(l.token), length(l.token),
		&f.c.call, &f.c.out))
}

// Unlock gives up the lock. ErrMiss: it was not ours any more.
func (l *Lock) Unlock(ctx context.Context) error {
	f, err := l.cache.begin(ctx, l.of)
	if err != nil {
		return err
	}
	defer f.give()
	return f.strict(ctx, C.djredis_cache_unlock(l.cache.handle, text(l.key), length(l.key), text(l.token), length(l.token),
		&f.c.call, &f.c.out))
}

// Token is what stands in Redis while the lock is ours.
func (l *Lock) Token() string { return l.token }

func (l *Lock) begin(ctx context.Context, ttl time.Duration) (*frame, error) {
	s := l.of
	if ttl != 0 {
		s = TTL(ttl).applySet(s)
	}
	return l.cache.begin(ctx, s)
}

// strict is the answer of a call that must not be ignored.
func (f *frame) strict(ctx context.Context, status C.int32_t) error {
	if status == statusIgnored {
		return f.fail(ctx, C.DJREDIS_ERR_CONNECTION)
	}
	_, err := f.answer(ctx, status)
	return err
}
