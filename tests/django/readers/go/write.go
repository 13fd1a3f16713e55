package main

import (
	"context"
	"fmt"
	"math/big"
	"time"

	"djredis"
)

// mark adds to a session what Python has types for. A session lives for weeks, a value of the cache for minutes: the time
// that is left goes on.
func mark(ctx context.Context, cache *djredis.Cache, key string) error {
	session, err := djredis.Get[map[string]any](ctx, cache, key)
	if err != nil {
		return err
	}
	left, err := cache.TTL(ctx, key)
	if err != nil {
		return err
	}
	if session["from_go"], err = marks(); err != nil {
		return err
	}
	return cache.Set(ctx, key, session, djredis.TTL(left))
}

func marks() (any, error) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	return map[string]any{
		"at":     time.Date(2024, 2, 29, 12, 30, 15, 250e6, time.UTC),
		"opens":  time.Date(2024, 3, 31, 9, 0, 0, 0, berlin),
		"day":    djredis.Date{Year: 2024, Month: time.February, Day: 29},
		"loan":   14 * 24 * time.Hour,
		"total":  djredis.Decimal("12.25"),
		"order":  djredis.UUID{0x12, 0x34, 0x56, 0x78, 0x12, 0x34, 0x56, 0x78, 0x12, 0x34, 0x56, 0x78, 0x12, 0x34, 0x56, 0x78},
		"tags":   djredis.Set{"red", "blue"},
		"place":  djredis.Tuple{"shelf", 7},
		"cover":  []byte{0x00, 0xff},
		"count":  3,
		"big":    new(big.Int).Lsh(big.NewInt(1), 70),
		"ratio":  0.25,
		"paid":   true,
		"coupon": nil,
		"nested": map[string]any{"list": []any{1, map[string]any{"empty": []any{}}}},
	}, err
}

// edit gets the whole record, since a struct has only the fields that this program knows.
func edit(ctx context.Context, cache *djredis.Cache, key, to string) error {
	record, err := djredis.Get[djredis.Record](ctx, cache, key)
	if err != nil {
		return err
	}
	fields, ok := record.State.(map[string]any)
	if !ok {
		return fmt.Errorf("%v has no fields", record.Class)
	}
	fields["title"] = "Edited in Go"
	return cache.Set(ctx, to, record)
}

// copyTo gets a Value, which is written back byte for byte.
func copyTo(ctx context.Context, cache *djredis.Cache, key, to string) error {
	value, err := djredis.Get[djredis.Value](ctx, cache, key)
	if err != nil {
		return err
	}
	return cache.Set(ctx, to, value)
}
