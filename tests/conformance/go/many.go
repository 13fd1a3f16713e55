package main

import (
	"context"
	"encoding/json"
	"errors"

	"djredis"
)

var manyOperations = map[string]operation{
	"get_many": func(ctx context.Context, c *djredis.Cache, s step) (any, error) {
		found, err := c.GetMany(ctx, s.keys(), s.reading()...)
		return items(s.keys(), err, func(key string) any {
			if value, ok := found[key]; ok {
				return plain(value)
			}
			return object{"missing": true}
		})
	},
	"get_many_raw": func(ctx context.Context, c *djredis.Cache, s step) (any, error) {
		found, err := c.GetManyRaw(ctx, s.keys(), s.call()...)
		return items(s.keys(), err, func(key string) any {
			if data, ok := found[key]; ok {
				return object{"bytes": hexOf(data)}
			}
			return object{"missing": true}
		})
	},
	"set_many": func(ctx context.Context, c *djredis.Cache, s step) (any, error) {
		values := map[string]any{}
		for _, item := range s.Items {
			value, err := given(item[1])
			if err != nil {
				return nil, err
			}
			values[itemKey(item)] = value
		}
		return stored(s, c.SetMany(ctx, values, s.writing()...))
	},
	"set_many_raw": func(ctx context.Context, c *djredis.Cache, s step) (any, error) {
		values := map[string][]byte{}
		for _, item := range s.Items {
			values[itemKey(item)] = unhex(textOf(item[1]))
		}
		return stored(s, c.SetManyRaw(ctx, values, s.writing()...))
	},
	"set_many_payload": func(ctx context.Context, c *djredis.Cache, s step) (any, error) {
		values := map[string]any{}
		for _, item := range s.Items {
			values[itemKey(item)] = djredis.Payload{Format: formats[s.Format], Data: unhex(textOf(item[1]))}
		}
		return stored(s, c.SetMany(ctx, values, s.writing()...))
	},
	"delete_many": func(ctx context.Context, c *djredis.Cache, s step) (any, error) {
		count, err := c.DeleteMany(ctx, s.keys(), s.call()...)
		return plainInt(count), err
	},
}

func itemKey(item [2]json.RawMessage) string { return string(unhex(textOf(item[0]))) }

// stored answers None for each key that was stored, and an error for each that was not.
func stored(s step, err error) (any, error) {
	keys := []string{}
	for _, item := range s.Items {
		keys = append(keys, itemKey(item))
	}
	return items(keys, err, func(string) any { return object{"none": true} })
}

// items answers for each key, unless the whole call failed.
func items(keys []string, err error, of func(key string) any) (any, error) {
	var failed *djredis.KeysError
	if err != nil && !errors.As(err, &failed) {
		return nil, err
	}
	all := []any{}
	for _, key := range keys {
		if failed != nil && failed.Errors[key] != nil {
			all = append(all, itemError(failed.Errors[key]))
			continue
		}
		all = append(all, of(key))
	}
	return object{"items": all}, nil
}
