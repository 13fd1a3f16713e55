package djredis_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"djredis"
)

// halves is a location of the tests' server and of one that is not there.
func halves() string { return location + "," + strings.TrimSuffix(location, ":0") + ".dead:0" }

func sixty() (keys []string, values map[string]any) {
	values = map[string]any{}
	for i := 0; i < 60; i++ {
		keys = append(keys, fmt.Sprint("key", i))
		values[keys[i]] = i
	}
	return keys, values
}

func TestDeadShardFailsItsOwnKeysAlone(t *testing.T) {
	cache := openAt(t, halves(), djredis.Options{ClientClass: "shard", KeyPrefix: t.Name(), Clear: "prefix"})
	keys, values := sixty()
	var failed *djredis.KeysError
	if err := cache.SetMany(background, values); !errors.As(err, &failed) || !errors.Is(err, djredis.ErrConnection) {
		t.Fatalf("SetMany: %v", err)
	}
	lost := len(failed.Errors)
	if lost == 0 || lost == len(keys) {
		t.Fatalf("%d of %d keys failed", lost, len(keys))
	}
	found, err := cache.GetMany(background, keys)
	if len(found) != len(keys)-lost || !errors.As(err, &failed) || len(failed.Errors) != lost {
		t.Errorf("GetMany: %d found, %v", len(found), err)
	}
	raw, err := cache.GetManyRaw(background, keys)
	if len(raw) != len(keys)-lost || !errors.As(err, &failed) || len(failed.Errors) != lost {
		t.Errorf("GetManyRaw: %d found, %v", len(raw), err)
	}
	err = cache.WithConn(background, func(*djredis.Conn) error { return nil })
	if !errors.Is(err, djredis.ErrUnsupported) {
		t.Errorf("WithConn: %v", err)
	}
}

func TestDeadShardIgnored(t *testing.T) {
	cache := openAt(t, halves(), djredis.Options{
		ClientClass: "shard", KeyPrefix: t.Name(), IgnoreExceptions: true, SocketTimeout: 20 * time.Second,
	})
	keys, values := sixty()
	if err := cache.SetMany(background, values); err != nil {
		t.Errorf("SetMany: %v", err)
	}
	found, err := cache.GetMany(background, keys)
	if err != nil || len(found) == 0 || len(found) == len(keys) {
		t.Errorf("GetMany: %d found, %v", len(found), err)
	}
	// Gathered or not.
	done := make(chan error)
	for _, key := range keys {
		go func(key string) { done <- setAndGet(background, cache, key) }(key)
	}
	for range keys {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func setAndGet(ctx context.Context, cache *djredis.Cache, key string) error {
	for i := 0; i < 50; i++ {
		if err := cache.Set(ctx, key, 1); err != nil {
			return fmt.Errorf("Set: %w", err)
		}
		var found int
		if err := cache.Get(ctx, key, &found); err != nil && err != djredis.ErrMiss {
			return fmt.Errorf("Get: %w", err)
		}
	}
	return nil
}
