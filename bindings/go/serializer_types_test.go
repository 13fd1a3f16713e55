package djredis_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"djredis"
)

type plainCount int

func (plainCount) String() string { return "count" }

// Integers of every type are digits, which no serializer sees, so the server counts with them.
func TestSerializerIntegersAreDigits(t *testing.T) {
	eachSerializer(t, func(t *testing.T, cache *djredis.Cache) {
		n, wide := 41, new(big.Int).Exp(big.NewInt(10), big.NewInt(30), nil)
		for _, value := range []any{41, int8(41), uint16(41), uint64(41), plainCount(41), time.Duration(41), &n, *big.NewInt(41), big.NewInt(41)} {
			must(t, cache.Set(background, "n", value))
			if raw, err := cache.GetRaw(background, "n"); string(raw) != "41" || err != nil {
				t.Errorf("%T: %q, %v", value, raw, err)
			}
			if sum, err := cache.Incr(background, "n", 1); sum != 42 || err != nil {
				t.Errorf("%T: Incr: %d, %v", value, sum, err)
			}
		}
		sum := 42
		pointer := &sum
		for _, row := range []struct{ dst, want any }{
			{new(int), 42}, {new(uint8), uint8(42)}, {new(plainCount), plainCount(42)}, {new(time.Duration), time.Duration(42)},
			{new(*int), &sum}, {new(**int), &pointer}, {new(float32), float32(42)}, {new(any), int64(42)},
			{new(big.Int), *big.NewInt(42)}, {new(*big.Int), big.NewInt(42)},
		} {
			err := cache.Get(background, "n", row.dst)
			if got := reflect.ValueOf(row.dst).Elem().Interface(); !reflect.DeepEqual(got, row.want) || err != nil {
				t.Errorf("%T: %v, %v", row.dst, got, err)
			}
		}
		must(t, cache.Set(background, "wide", wide))
		if got, err := djredis.Get[*big.Int](background, cache, "wide"); err != nil || got.Cmp(wide) != 0 {
			t.Errorf("wide: %v, %v", got, err)
		}
		if _, err := djredis.Get[int8](background, cache, "wide"); !errors.Is(err, djredis.ErrDecode) {
			t.Errorf("wide in an int8: %v", err)
		}
		if got, err := djredis.Get[uint64](background, cache, "wide"); !errors.Is(err, djredis.ErrDecode) {
			t.Errorf("wide in a uint64: %v, %v", got, err)
		}
	})
}

type grade int

func (g grade) MarshalText() ([]byte, error) { return []byte(fmt.Sprintf("grade %d", int(g))), nil }

func (g *grade) UnmarshalText(text []byte) error {
	_, err := fmt.Sscanf(string(text), "grade %d", (*int)(g))
	return err
}

// tenth is ten times as much in JSON.
type tenth int

func (n tenth) MarshalJSON() ([]byte, error) { return json.Marshal(10 * int(n)) }

func (n *tenth) UnmarshalJSON(data []byte) error {
	err := json.Unmarshal(data, (*int)(n))
	*n /= 10
	return err
}

// What a type says of its own serialization holds, and every float comes back: whole ones are digits in JSON.
func TestSerializerNumbersThatAreNoDigits(t *testing.T) {
	cache := open(t, djredis.Options{Serializer: jsonSerializer})
	for stored, value := range map[string]any{
		`"grade 3"`: grade(3), "70": tenth(7), "3": 3.0, "-4": float32(-4), "0": 0.0, "-0": math.Copysign(0, -1), "2.5": 2.5, "0.5": 0.5,
		"1e+300": 1e300, "100000000000000000000": 1e20, "1152921504606847000": float64(1 << 60),
	} {
		must(t, cache.Set(background, "k", value))
		raw, err := cache.GetRaw(background, "k")
		if string(raw) != stored || err != nil {
			t.Errorf("%T %v is stored as %q, %v", value, value, raw, err)
		}
		dst := reflect.New(reflect.TypeOf(value))
		if err := cache.Get(background, "k", dst.Interface()); err != nil || dst.Elem().Interface() != value {
			t.Errorf("%T %v: got %v, %v", value, value, dst.Elem(), err)
		}
	}
	// Nobody but this package knows what is in a Value.
	value, err := djredis.ValueOf("text")
	must(t, err)
	must(t, cache.Set(background, "value", &value))
	if got, err := djredis.Get[string](background, cache, "value"); got != "text" || err != nil {
		t.Errorf("a pointer to a Value: %q, %v", got, err)
	}
	whole := 5.0
	must(t, cache.SetMany(background, map[string]any{"a": &whole, "b": 6.0}))
	if got, err := djredis.GetMany[float64](background, cache, []string{"a", "b"}); got["a"] != 5 || got["b"] != 6 || err != nil {
		t.Errorf("GetMany: %v, %v", got, err)
	}
}

func TestSerializerNil(t *testing.T) {
	cache := open(t, djredis.Options{Serializer: jsonSerializer})
	for name, value := range map[string]any{"nil": nil, "pointer": (*int)(nil), "map": map[string]int(nil)} {
		must(t, cache.Set(background, name, value))
		if raw, err := cache.GetRaw(background, name); string(raw) != "null" || err != nil {
			t.Errorf("%s is stored as %q, %v", name, raw, err)
		}
		if got, err := djredis.Get[any](background, cache, name); got != nil || err != nil {
			t.Errorf("%s: %v, %v", name, got, err)
		}
		if got, err := djredis.Get[*article](background, cache, name); got != nil || err != nil {
			t.Errorf("%s as a pointer: %v, %v", name, got, err)
		}
	}
	for _, dst := range []any{nil, article{}, (*article)(nil)} {
		if err := cache.Get(background, "nil", dst); !errors.Is(err, djredis.ErrDecode) || !strings.Contains(err.Error(), "pointer") {
			t.Errorf("into %T: %v", dst, err)
		}
	}
	if err := open(t, djredis.Options{Serializer: gobSerializer{}}).Set(background, "k", nil); !errors.Is(err, djredis.ErrEncode) {
		t.Errorf("gob has no nil: %v", err)
	}
}
