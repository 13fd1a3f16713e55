package djredis_test

import (
	"bytes"
	"context"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"djredis"
)

var jsonSerializer = djredis.NewSerializer(json.Marshal, json.Unmarshal)

type gobSerializer struct{}

func (gobSerializer) Marshal(v any) ([]byte, error) {
	var data bytes.Buffer
	err := gob.NewEncoder(&data).Encode(v)
	return data.Bytes(), err
}

func (gobSerializer) Unmarshal(data []byte, v any) error {
	return gob.NewDecoder(bytes.NewReader(data)).Decode(v)
}

// article has what neither Python nor the library's own rules for structs know.
type article struct {
	Title  string `json:"t"`
	Tags   []string
	Counts map[string]int
	Weight float64
}

var goArticle = article{"Go", []string{"a", "b"}, map[string]int{"x": 1 << 40}, 2.5}

// eachSerializer runs a test on the real server and on memory:, calls alone and together, for both serializers.
func eachSerializer(t *testing.T, test func(*testing.T, *djredis.Cache)) {
	for name, serializer := range map[string]djredis.Serializer{"json": jsonSerializer, "gob": gobSerializer{}} {
		for _, gathered := range []bool{false, true} {
			opts := djredis.Options{Serializer: serializer, Extra: map[string]string{"COMPRESSOR": "zlib"}}
			for _, where := range []string{location, fmt.Sprintf("memory:%s%s%v", t.Name(), name, gathered)} {
				server, _, _ := strings.Cut(where, ":")
				t.Run(fmt.Sprintf("%s %s gathered %v", name, server, gathered), func(t *testing.T) {
					gatherAll = gathered
					defer func() { gatherAll = false }()
					own := opts
					own.KeyPrefix = fmt.Sprint("serializer", prefixes.Add(1))
					test(t, openAt(t, where, own))
				})
			}
		}
	}
}

func TestSerializerOneKey(t *testing.T) {
	eachSerializer(t, func(t *testing.T, cache *djredis.Cache) {
		must(t, cache.Set(background, "a", goArticle, djredis.TTL(time.Minute)))
		if got, err := djredis.Get[article](background, cache, "a"); !reflect.DeepEqual(got, goArticle) || err != nil {
			t.Errorf("Get: %+v, %v", got, err)
		}
		if err := cache.Add(background, "a", 1); err != djredis.ErrMiss {
			t.Errorf("Add of a key that is there: %v", err)
		}
		must(t, cache.Add(background, "long", strings.Repeat("long ", 20_000)))
		if got, err := djredis.Get[string](background, cache, "long"); len(got) != 100_000 || err != nil {
			t.Errorf("a long text: %d, %v", len(got), err)
		}
		if _, err := djredis.Get[article](background, cache, "missing"); err != djredis.ErrMiss {
			t.Errorf("a missing key: %v", err)
		}
		// The bytes are what Encode says, and Decode reads them.
		stored, err := cache.Encode(goArticle)
		must(t, err)
		raw, err := cache.GetRaw(background, "a")
		must(t, err)
		var decoded article
		must(t, cache.Decode(stored, &decoded))
		if !reflect.DeepEqual(decoded, goArticle) || len(raw) != len(stored) {
			t.Errorf("Encode gives %q, Decode of it %+v, and stored is %q", stored, decoded, raw)
		}
	})
}

func TestSerializerManyKeys(t *testing.T) {
	eachSerializer(t, func(t *testing.T, cache *djredis.Cache) {
		must(t, cache.SetMany(background, map[string]any{"a": goArticle, "b": article{Title: "b"}}))
		must(t, cache.SetMany(background, map[string]any{"n": 7, "big": new(big.Int).Lsh(big.NewInt(1), 80)}))
		keys := []string{"a", "b", "missing"}
		found, err := djredis.GetMany[article](background, cache, keys)
		if len(found) != 2 || !reflect.DeepEqual(found["a"], goArticle) || found["b"].Title != "b" || err != nil {
			t.Errorf("GetMany[T]: %+v, %v", found, err)
		}
		values, err := cache.GetMany(background, append(keys, "n", "big"))
		must(t, err)
		var decoded article
		must(t, values["a"].Decode(&decoded))
		n, err := values["n"].Int()
		if len(values) != 4 || !reflect.DeepEqual(decoded, goArticle) || n != 7 || err != nil {
			t.Errorf("GetMany: %v, %+v, %d, %v", values, decoded, n, err)
		}
		if wide, err := values["big"].BigInt(); err != nil || wide.BitLen() != 81 {
			t.Errorf("a wide integer: %v, %v", wide, err)
		}
		// What was read is written back as it was.
		must(t, cache.Set(background, "copy", values["a"]))
		if got, err := djredis.Get[*article](background, cache, "copy"); err != nil || !reflect.DeepEqual(*got, goArticle) {
			t.Errorf("the copy: %+v, %v", got, err)
		}
	})
}

func TestSerializerBatch(t *testing.T) {
	eachSerializer(t, func(t *testing.T, cache *djredis.Cache) {
		var batch djredis.Batch
		batch.Set("a", goArticle)
		batch.Get("a")
		batch.Set("n", uint8(41))
		batch.Incr("n", 1)
		batch.Get("n")
		batch.GetRaw("n")
		batch.Get("missing")
		batch.Get("a", djredis.AsPayload)
		results, err := cache.Run(background, &batch)
		must(t, err)
		var decoded article
		must(t, results[1].Value.Decode(&decoded))
		if !reflect.DeepEqual(decoded, goArticle) {
			t.Errorf("Get: %+v", decoded)
		}
		for i, want := range map[int]any{3: int64(42), 4: int64(42), 5: []byte("42")} {
			if got, err := results[i].Value.Any(); !reflect.DeepEqual(got, want) || err != nil {
				t.Errorf("call %d: %v, %v", i, got, err)
			}
		}
		payload, err := results[7].Value.Any()
		if _, ok := payload.(djredis.Payload); !ok || results[6].Err != djredis.ErrMiss {
			t.Errorf("AsPayload: %T, %v; a missing key: %v", payload, err, results[6].Err)
		}
		batch = djredis.Batch{}
		batch.Set("bad", make(chan int))
		if _, err := cache.Run(background, &batch); !errors.Is(err, djredis.ErrEncode) || !strings.Contains(err.Error(), `"bad"`) {
			t.Errorf("a channel: %v", err)
		}
	})
}

func TestSerializerGetOrSet(t *testing.T) {
	eachSerializer(t, func(t *testing.T, cache *djredis.Cache) {
		calls := 0
		for i := 0; i < 2; i++ {
			got, err := djredis.GetOrSet(background, cache, "k", func(context.Context) (article, error) { calls++; return goArticle, nil })
			if !reflect.DeepEqual(got, goArticle) || err != nil || calls != 1 {
				t.Errorf("call %d: %+v, %v", calls, got, err)
			}
		}
		got, err := djredis.GetOrSet(background, cache, "race", func(ctx context.Context) (string, error) {
			return "mine", cache.Set(ctx, "race", "theirs")
		})
		if got != "theirs" || err != nil {
			t.Errorf("another caller is faster: %q, %v", got, err)
		}
	})
}

func TestSerializerPayloadsAndValues(t *testing.T) {
	cache := open(t, djredis.Options{Serializer: jsonSerializer})
	must(t, cache.Set(background, "k", djredis.Payload{Format: djredis.Raw, Data: []byte(`"own"`)}))
	if got, err := djredis.Get[string](background, cache, "k"); got != "own" || err != nil {
		t.Errorf("a payload: %q, %v", got, err)
	}
	for _, opts := range [][]djredis.GetOption{nil, {djredis.AsPayload}} {
		got, err := djredis.Get[djredis.Payload](background, cache, "k", opts...)
		if got.Format != djredis.Raw || string(got.Data) != `"own"` || err != nil {
			t.Errorf("as a payload: %+v, %v", got, err)
		}
	}
	if err := cache.Set(background, "k", djredis.Payload{Format: djredis.Pickle}); !errors.Is(err, djredis.ErrEncode) {
		t.Errorf("a pickle: %v", err)
	}
	// From one cache to another, through a Value.
	site := open(t, djredis.Options{})
	must(t, site.Set(background, "k", map[string]any{"a": []int{1}, "b": nil}))
	must(t, site.Set(background, "n", 5))
	values, err := site.GetMany(background, []string{"k", "n"})
	must(t, err)
	for key, want := range map[string]string{"k": `{"a":[1],"b":null}`, "n": "5"} {
		must(t, cache.Set(background, key, values[key]))
		if raw, err := cache.GetRaw(background, key); string(raw) != want || err != nil {
			t.Errorf("%s from a pickle: %q, %v", key, raw, err)
		}
	}
	// A batch takes payloads, in a cache without a serializer too.
	named := open(t, djredis.Options{Extra: map[string]string{"SERIALIZER": "json"}})
	var batch djredis.Batch
	batch.Set("k", djredis.Payload{Format: djredis.JSON, Data: []byte(`["x"]`)})
	results, err := named.Run(background, &batch)
	must(t, err)
	must(t, results[0].Err)
	if got, err := djredis.Get[[]string](background, named, "k"); len(got) != 1 || err != nil {
		t.Errorf("a payload in a batch: %q, %v", got, err)
	}
}

func TestSerializerTwice(t *testing.T) {
	for _, row := range []struct {
		where, want string
		extra       map[string]string
	}{
		{location, "serializer stands in Options.Extra", map[string]string{"serializer": "json"}},
		{location, "SERIALIZER stands in Options.Extra", map[string]string{"SERIALIZER": "raw"}},
		{"redis://127.0.0.1:1/0?serializer=json", "the location sets SERIALIZER to json", nil},
		{location, "ACCEPT", map[string]string{"ACCEPT": "pickle"}},
	} {
		cache, err := djredis.Open(row.where, djredis.Options{Serializer: jsonSerializer, Extra: row.extra})
		if cache != nil || !errors.Is(err, djredis.ErrConfig) || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%v: %v", row, err)
		}
	}
}

type sealed struct{ Key string }

func (sealed) Marshal(any) ([]byte, error)     { return nil, errNoString }
func (sealed) Unmarshal(d []byte, v any) error { return errNoString }

func TestSerializerIsPrintedAsItsType(t *testing.T) {
	opts := djredis.Options{Serializer: &sealed{"secret"}}
	for _, text := range []string{fmt.Sprintf("%v %+v", opts, opts), fmt.Sprintf("%#v", opts), opts.LogValue().String()} {
		if strings.Contains(text, "secret") || !strings.Contains(text, "sealed") {
			t.Error(text)
		}
	}
}

func TestSerializerManyGoroutines(t *testing.T) {
	cache := open(t, djredis.Options{Serializer: jsonSerializer})
	var group sync.WaitGroup
	for i := 0; i < 64; i++ {
		group.Add(1)
		go func(i int) {
			defer group.Done()
			key, want := fmt.Sprint("k", i), article{Title: fmt.Sprint(i), Tags: []string{"x"}}
			for round := 0; round < 20; round++ {
				if err := cache.Set(background, key, want); err != nil {
					t.Error(err)
				}
				if got, err := djredis.Get[article](background, cache, key); !reflect.DeepEqual(got, want) || err != nil {
					t.Errorf("got %+v, %v", got, err)
				}
				if _, err := cache.Incr(background, "n", 1); err != nil && !errors.Is(err, djredis.ErrNotFound) {
					t.Error(err)
				}
			}
		}(i)
	}
	group.Wait()
}
