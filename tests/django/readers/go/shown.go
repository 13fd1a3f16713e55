package main

import (
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"
	"time"

	"djredis"
)

const wallTime = "2006-01-02T15:04:05.000000"

func tagged(tag string, value any) any { return map[string]any{tag: value} }

func each[T any](items []T, show func(T) any) []any {
	all := make([]any, 0, len(items))
	for _, item := range items {
		all = append(all, show(item))
	}
	return all
}

// shown is a value in the notation of the tests, which JSON can say.
func shown(value any) any {
	switch value := value.(type) {
	case nil, bool, int64, float64, string, *big.Int:
		return value
	case []any:
		return each(value, shown)
	case djredis.Tuple:
		return tagged("$tuple", each(value, shown))
	case djredis.Set:
		return tagged("$set", each(value, shown))
	case map[string]any:
		entries := map[string]any{}
		for key, item := range value {
			entries[key] = shown(item)
		}
		return entries
	case djredis.Record:
		return shownRecord(value)
	}
	return shownLeaf(value)
}

func shownLeaf(value any) any {
	switch value := value.(type) {
	case djredis.SafeText:
		return tagged("$safe", value)
	case []byte:
		return tagged("$bytes", hex.EncodeToString(value))
	case djredis.Opaque:
		return tagged("$opaque", hex.EncodeToString(value))
	case djredis.Decimal:
		return tagged("$decimal", value)
	case djredis.UUID:
		return tagged("$uuid", value.String())
	case djredis.Date:
		return tagged("$date", value.String())
	case time.Duration:
		return tagged("$timedelta", parts(value))
	case time.Time:
		return map[string]any{"$datetime": value.Format(wallTime), "zone": zone(value)}
	}
	panic(fmt.Sprintf("what is a %T?", value))
}

// shownRecord: args are nil for a class or a function itself.
func shownRecord(record djredis.Record) any {
	var args any
	if record.Args != nil {
		args = each(record.Args, shown)
	}
	return map[string]any{"$class": record.Class, "args": args}
}

// zone is a name of the time zone database, or seconds east of UTC.
func zone(t time.Time) any {
	if name := t.Location().String(); strings.Contains(name, "/") {
		return name
	}
	_, offset := t.Zone()
	return offset
}

// parts are a timedelta's days, seconds and microseconds; only the days are ever negative.
func parts(d time.Duration) []int64 {
	const day = 24 * time.Hour
	days := int64(d / day)
	if d%day < 0 {
		days--
	}
	rest := d - time.Duration(days)*day
	return []int64{days, int64(rest / time.Second), int64(rest % time.Second / time.Microsecond)}
}
