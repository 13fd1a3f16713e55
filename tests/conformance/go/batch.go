package main

import (
	"context"
	"errors"

	"djredis"
)

func batch(ctx context.Context, c *djredis.Cache, s step) (any, error) {
	var calls djredis.Batch
	for _, call := range s.Calls {
		if err := addCall(&calls, call); err != nil {
			return nil, err
		}
	}
	results, err := c.Run(ctx, &calls)
	all := []any{}
	for _, result := range results {
		switch {
		case errors.Is(result.Err, djredis.ErrMiss):
			all = append(all, object{"missing": true})
		case result.Err != nil:
			all = append(all, itemError(result.Err))
		default:
			all = append(all, plain(result.Value))
		}
	}
	return object{"items": all}, err
}

func addCall(calls *djredis.Batch, call step) error {
	switch call.Op {
	case "get":
		calls.Get(call.key(), call.reading()...)
	case "get_raw":
		calls.GetRaw(call.key(), call.call()...)
	case "set":
		value, err := given(call.Value)
		if err != nil {
			return err
		}
		calls.Set(call.key(), value, call.writing()...)
	case "delete":
		calls.Delete(call.key(), call.call()...)
	case "has_key":
		calls.Has(call.key(), call.call()...)
	case "touch":
		calls.Touch(call.key(), call.writing()...)
	case "ttl":
		calls.TTL(call.key(), call.call()...)
	case "incr":
		calls.Incr(call.key(), call.delta(), call.call()...)
	default:
		panic("unknown operation of a batch: " + call.Op)
	}
	return nil
}
