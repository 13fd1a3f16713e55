package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"djredis"
)

// driver keeps the caches and connections of a case by their names.
type driver struct {
	caches map[string]*djredis.Cache
	conns  map[string]*borrowed
}

func newDriver() *driver {
	return &driver{map[string]*djredis.Cache{}, map[string]*borrowed{}}
}

type operation func(ctx context.Context, c *djredis.Cache, s step) (any, error)

var operations = map[string]operation{
	"get": func(ctx context.Context, c *djredis.Cache, s step) (any, error) {
		value, err := djredis.Get[djredis.Value](ctx, c, s.key(), s.reading()...)
		if err != nil {
			return nil, err
		}
		return decodes(value)
	},
	"get_raw": func(ctx context.Context, c *djredis.Cache, s step) (any, error) {
		data, err := c.GetRaw(ctx, s.key(), s.call()...)
		return object{"bytes": hexOf(data)}, err
	},
	"set": func(ctx context.Context, c *djredis.Cache, s step) (any, error) {
		value, err := given(s.Value)
		if err != nil {
			return nil, err
		}
		return nil, c.Set(ctx, s.key(), value, s.writing()...)
	},
	"add": func(ctx context.Context, c *djredis.Cache, s step) (any, error) {
		value, err := given(s.Value)
		if err != nil {
			return nil, err
		}
		return nil, c.Add(ctx, s.key(), value, s.writing()...)
	},
	"set_raw": func(ctx context.Context, c *djredis.Cache, s step) (any, error) {
		return nil, c.SetRaw(ctx, s.key(), unhex(s.Data), s.writing()...)
	},
	"set_payload": func(ctx context.Context, c *djredis.Cache, s step) (any, error) {
		return nil, c.Set(ctx, s.key(), djredis.Payload{Format: formats[s.Format], Data: unhex(s.Data)}, s.writing()...)
	},
	"delete": func(ctx context.Context, c *djredis.Cache, s step) (any, error) {
		return yes(c.Delete(ctx, s.key(), s.call()...))
	},
	"has_key": func(ctx context.Context, c *djredis.Cache, s step) (any, error) {
		return yes(c.Has(ctx, s.key(), s.call()...))
	},
	"touch": func(ctx context.Context, c *djredis.Cache, s step) (any, error) {
		return yes(c.Touch(ctx, s.key(), s.writing()...))
	},
	"ttl": func(ctx context.Context, c *djredis.Cache, s step) (any, error) {
		ttl, err := c.TTL(ctx, s.key(), s.call()...)
		if ttl == djredis.Infinite {
			return object{"none": true}, err
		}
		return plainInt(ttl.Milliseconds()), err
	},
	"incr": func(ctx context.Context, c *djredis.Cache, s step) (any, error) {
		sum, err := c.IncrValue(ctx, s.key(), s.delta(), s.call()...)
		return plain(sum), err
	},
	"incr_version": func(ctx context.Context, c *djredis.Cache, s step) (any, error) {
		version, err := c.IncrVersion(ctx, s.key(), s.delta(), s.call()...)
		return plainInt(version), err
	},
	"copy": func(ctx context.Context, c *djredis.Cache, s step) (any, error) {
		value, err := djredis.Get[djredis.Value](ctx, c, s.key(), s.reading()...)
		if err != nil {
			return nil, err
		}
		return nil, c.Set(ctx, string(unhex(s.To)), value, s.writing()...)
	},
	"move": func(ctx context.Context, c *djredis.Cache, s step) (any, error) {
		return nil, c.Move(ctx, s.key(), string(unhex(s.To)), s.call()...)
	},
	"clear": func(ctx context.Context, c *djredis.Cache, s step) (any, error) { return nil, c.Clear(ctx) },
	"keys": func(ctx context.Context, c *djredis.Cache, s step) (any, error) {
		keys, err := c.Keys(ctx, string(unhex(s.Pattern)), s.scanning()...)
		return plainKeys(keys), err
	},
	"scan": func(ctx context.Context, c *djredis.Cache, s step) (any, error) {
		var keys []string
		var failed error
		c.Scan(ctx, string(unhex(s.Pattern)), s.scanning()...)(func(key string, err error) bool {
			keys, failed = append(keys, key), err
			return true
		})
		return plainKeys(keys), failed
	},
	"delete_pattern": func(ctx context.Context, c *djredis.Cache, s step) (any, error) {
		count, err := c.DeletePattern(ctx, string(unhex(s.Pattern)), s.scanning()...)
		return plainInt(count), err
	},
	"lock": func(ctx context.Context, c *djredis.Cache, s step) (any, error) {
		_, err := c.Lock(ctx, s.key(), s.ttl(), s.locking()...)
		return nil, err
	},
	"extend": func(ctx context.Context, c *djredis.Cache, s step) (any, error) {
		return nil, c.HeldLock(s.key(), "", s.locking()...).Extend(ctx, s.ttl())
	},
	"unlock": func(ctx context.Context, c *djredis.Cache, s step) (any, error) {
		return nil, c.HeldLock(s.key(), "", s.locking()...).Unlock(ctx)
	},
	"command": command,
	"batch":   batch,
	"make_key": func(_ context.Context, c *djredis.Cache, s step) (any, error) {
		key, err := c.MakeKey(s.key(), s.call()...)
		return object{"bytes": hexOf([]byte(key))}, err
	},
	"encode": func(_ context.Context, c *djredis.Cache, s step) (any, error) {
		value, err := given(s.Value)
		if err != nil {
			return nil, err
		}
		data, err := c.Encode(value)
		return object{"bytes": hexOf(data)}, err
	},
	"decode": func(_ context.Context, c *djredis.Cache, s step) (any, error) {
		var value djredis.Value
		if err := c.Decode(unhex(s.Data), &value); err != nil {
			return nil, err
		}
		return decodes(value)
	},
	"option": func(_ context.Context, c *djredis.Cache, s step) (any, error) {
		text, err := c.Option(s.Name)
		return plainText(text), err
	},
	"server_for": func(_ context.Context, c *djredis.Cache, s step) (any, error) {
		text, err := c.ServerFor(s.key(), s.call()...)
		return plainText(text), err
	},
	"stats": func(_ context.Context, c *djredis.Cache, _ step) (any, error) {
		stats, err := c.Stats()
		return plainAny(stats), err
	},
	"close": func(_ context.Context, c *djredis.Cache, _ step) (any, error) { return nil, c.Close() },
}

func (d *driver) run(s step) (any, error) {
	ctx, cancel := s.context()
	defer cancel()
	switch s.Do {
	case "open":
		return nil, d.open(s)
	case "reset":
		d.reset()
		return nil, nil
	case "options_list":
		all, err := djredis.ListOptions()
		return plainAny(all), err
	}
	if run, ok := manyOperations[s.Do]; ok {
		return run(ctx, d.caches[s.Cache], s)
	}
	if run, ok := operations[s.Do]; ok {
		return run(ctx, d.caches[s.Cache], s)
	}
	return d.raw(ctx, s)
}

func (d *driver) open(s step) error {
	extra := map[string]string{}
	for name, value := range s.Options {
		if number, ok := value.(float64); ok {
			extra[name] = strconv.FormatFloat(number, 'f', -1, 64)
			continue
		}
		extra[name] = fmt.Sprint(value)
	}
	cache, err := djredis.Open(s.Location, djredis.Options{Extra: extra})
	if err == nil {
		d.caches[s.Cache] = cache
	}
	return err
}

func (d *driver) reset() {
	for _, conn := range d.conns {
		conn.release()
	}
	for _, cache := range d.caches {
		cache.Close()
	}
	*d = *newDriver()
}

// given is the value of a step, or the error of one that can't even be made.
func given(raw json.RawMessage) (any, error) {
	value := valueOf(raw)
	if bad, ok := value.(refused); ok {
		return nil, bad.error
	}
	return value, nil
}

// decodes also tries the value as an `any`, and that it is the same value again.
func decodes(value djredis.Value) (any, error) {
	found, err := value.Any()
	if err != nil {
		return nil, err
	}
	_, err = djredis.ValueOf(found)
	return plain(value), err
}

func yes(done bool, err error) (any, error) {
	if err == nil && !done {
		err = djredis.ErrMiss
	}
	return nil, err
}

func plainKeys(keys []string) any {
	items := []any{}
	for _, key := range keys {
		items = append(items, plainText(key))
	}
	return object{"items": items}
}

func command(ctx context.Context, c *djredis.Cache, s step) (any, error) {
	args := arguments(s.Args)
	if s.KeyIndex != nil {
		at := number(*s.KeyIndex)
		if at >= 0 {
			args[at] = djredis.Key(args[at].([]byte))
		}
	}
	for _, opt := range s.keyOptions() {
		args = append(args, opt)
	}
	reply, err := c.Do(ctx, args...)
	return plainAny(reply), err
}

func arguments(parts []string) (args []any) {
	for _, part := range parts {
		args = append(args, unhex(part))
	}
	return args
}

func itemError(err error) any {
	var failed *djredis.Error
	if errors.As(err, &failed) {
		return object{"error": statusNames[failed.Status], "message": failed.Message}
	}
	return object{"error": err.Error()}
}
