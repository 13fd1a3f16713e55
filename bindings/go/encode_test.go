package djredis_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"djredis"
)

// refuses checks that a value can't be stored, and what the sentence says.
func refuses(t *testing.T, cache *djredis.Cache, value any, fragments ...string) {
	t.Helper()
	err := cache.Set(background, "k", value)
	if !errors.Is(err, djredis.ErrEncode) {
		t.Errorf("%T: %v", value, err)
		return
	}
	for _, fragment := range fragments {
		if !strings.Contains(err.Error(), fragment) {
			t.Errorf("%T: no %q in %q", value, fragment, err)
		}
	}
	if len(err.Error()) > 500 {
		t.Errorf("%T: a sentence of %d bytes", value, len(err.Error()))
	}
	if there, err := cache.Has(background, "k"); there || err != nil {
		t.Errorf("%T: something was stored (%v)", value, err)
	}
}

type loop struct {
	Name string
	Next *loop
	All  map[string]any
}

type ownPointer *ownPointer

func TestWhatHoldsItself(t *testing.T) {
	cache := open(t, djredis.Options{})
	ring := &loop{Next: &loop{}}
	ring.Next.Next = ring
	refuses(t, cache, ring, `"k"`, ".Next.Next", "*djredis_test.loop", "holds itself")

	list := []any{1, nil}
	list[1] = list
	refuses(t, cache, list, "at [1]:", "[]interface {}", "holds itself")

	dict := map[string]any{}
	dict["a"] = []any{dict}
	refuses(t, cache, dict, `["a"][0]`, "map[string]interface {}", "holds itself")

	tuple := djredis.Tuple{nil}
	tuple[0] = djredis.Set{tuple}
	refuses(t, cache, tuple, "[0][0]", "djredis.Tuple", "holds itself")

	entries := djredis.Map{{Key: "k"}}
	entries[0].Value = entries
	refuses(t, cache, entries, "djredis.Map", "holds itself")

	named := map[int]any{}
	named[7] = named
	refuses(t, cache, named, `["7"]`, "map[int]interface {}", "holds itself")

	var pointer ownPointer
	pointer = &pointer
	refuses(t, cache, pointer, "ownPointer", "holds itself")
}

// What stands at two places, but not in itself, is fine.
func TestWhatIsShared(t *testing.T) {
	cache := open(t, djredis.Options{})
	shared := &loop{Name: "shared"}
	must(t, cache.Set(background, "k", []*loop{shared, shared, {Next: shared}}))
	got, err := djredis.Get[[]loop](background, cache, "k")
	if err != nil || got[1].Name != "shared" || got[2].Next.Name != "shared" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestDepth(t *testing.T) {
	cache := open(t, djredis.Options{})
	nested := func(levels int) any {
		var value any
		for i := 0; i < levels; i++ {
			value = []any{value}
		}
		return value
	}
	must(t, cache.Set(background, "deep", nested(500)))
	var value any
	must(t, cache.Get(background, "deep", &value))
	refuses(t, cache, nested(10_000), "levels deep")
	refuses(t, cache, nested(550))
}

func TestWhatHasNothingAlike(t *testing.T) {
	cache := open(t, djredis.Options{})
	for _, value := range []any{
		make(chan int), func() {}, unsafe.Pointer(new(int)), errors.New("x"), new(sync.Mutex), struct{ a, b int }{1, 2},
	} {
		kind := strings.TrimPrefix(fmt.Sprintf("%T", value), "*")
		refuses(t, cache, value, `"k"`, kind)
		refuses(t, cache, []any{1, value}, `"k"`, "at [1]:", kind)
		refuses(t, cache, map[string]any{"a": struct{ F any }{value}}, `["a"].F`, kind)
	}
	refuses(t, cache, "a\xff", "UTF-8", "[]byte")
	refuses(t, cache, map[string]int{"a\xff": 1}, ".key", "UTF-8")
	refuses(t, cache, []string{"fine", "a\xff"}, "[1]", "UTF-8")
	refuses(t, cache, struct{ N string }{"\xff"}, ".N", "UTF-8")
	// A key that is no UTF-8 is fine, and what it holds can be told about.
	if err := cache.Set(background, "\xff\n", func() {}); !errors.Is(err, djredis.ErrEncode) || !strings.Contains(err.Error(), `"\xff\n"`) {
		t.Errorf("got %v", err)
	}
}

// level is a number that shows itself as a text; only its pointer reads one.
type level int

var errLevel = errors.New("no level")

func (l level) MarshalText() ([]byte, error) {
	if l < 0 {
		return nil, errLevel
	}
	return []byte(strings.Repeat("+", int(l))), nil
}

func (l *level) UnmarshalText(text []byte) error {
	if strings.Trim(string(text), "+") != "" {
		return errLevel
	}
	*l = level(len(text))
	for i := range text {
		text[i] = 'x' // a method may use its argument as it likes
	}
	return nil
}

// pointerText has both methods at its pointer only.
type pointerText struct{ text string }

func (p *pointerText) MarshalText() ([]byte, error) { return []byte(p.text), nil }

func (p *pointerText) UnmarshalText(text []byte) error {
	p.text = string(text)
	return nil
}

func TestTextMarshalers(t *testing.T) {
	type all struct {
		Level   level
		Levels  map[level]level
		Address netip.Addr
		Pointer *netip.Addr
		Nil     *netip.Addr
		Value   pointerText
		Values  []pointerText
		Float   *big.Float
	}
	cache := open(t, djredis.Options{})
	address := netip.MustParseAddr("::1")
	given := all{
		2, map[level]level{1: 3}, address, &address, nil, pointerText{"v"}, []pointerText{{"a"}, {"b"}}, big.NewFloat(0.5),
	}
	must(t, cache.Set(background, "k", given))
	stored, err := cache.GetRaw(background, "k")
	must(t, err)
	want := "{'Level': '++', 'Levels': {'+': '+++'}, 'Address': '::1', 'Pointer': '::1', 'Nil': None, 'Value': 'v', " +
		"'Values': ['a', 'b'], 'Float': '0.5'}"
	if got := unpickled(t, stored); got != want {
		t.Errorf("Python reads %s", got)
	}
	got, err := djredis.Get[all](background, cache, "k")
	must(t, err)
	if got.Level != 2 || got.Levels[1] != 3 || got.Address != address || *got.Pointer != address || got.Nil != nil ||
		got.Value.text != "v" || len(got.Values) != 2 || got.Values[1].text != "b" || got.Float.Cmp(given.Float) != 0 {
		t.Errorf("got %+v", got)
	}
	// The errors of such methods come through.
	if err := cache.Set(background, "bad", []level{-1}); !errors.Is(err, errLevel) || !errors.Is(err, djredis.ErrEncode) || !strings.Contains(err.Error(), "[0]") {
		t.Errorf("got %v", err)
	}
	must(t, cache.Set(background, "bad", map[string]string{"Level": "x"}))
	if _, err := djredis.Get[all](background, cache, "bad"); !errors.Is(err, errLevel) || !errors.Is(err, djredis.ErrDecode) || !strings.Contains(err.Error(), ".Level") {
		t.Errorf("got %v", err)
	}
	// What is no text is read by the underlying type.
	must(t, cache.Set(background, "number", 7))
	if number, err := djredis.Get[level](background, cache, "number"); number != 7 || err != nil {
		t.Errorf("got %v, %v", number, err)
	}
	must(t, cache.Set(background, "decimal", djredis.Decimal("1.5")))
	if float, err := djredis.Get[big.Float](background, cache, "decimal"); float.String() != "1.5" || err != nil {
		t.Errorf("got %v, %v", &float, err)
	}
}

// Every package that makes UUIDs has a type like this one.
type UUID [16]byte

func (u UUID) MarshalText() ([]byte, error) { return []byte("its text"), nil }

func TestUUIDs(t *testing.T) {
	cache := open(t, djredis.Options{})
	must(t, cache.Set(background, "k", map[string]any{"id": UUID{15: 7}}))
	stored, err := cache.GetRaw(background, "k")
	must(t, err)
	if got := unpickled(t, stored); got != "{'id': UUID('00000000-0000-0000-0000-000000000007')}" {
		t.Errorf("Python reads %s", got)
	}
	for _, id := range []any{new(UUID), new([16]byte), new(djredis.UUID), new(*UUID)} {
		value, err := djredis.Get[djredis.Value](background, cache, "k")
		must(t, err)
		field, err := value.Field("id")
		must(t, err)
		if err := field.Decode(id); err != nil {
			t.Errorf("%T: %v", id, err)
		}
	}
	id, err := djredis.Get[map[string]UUID](background, cache, "k")
	if err != nil || id["id"] != (UUID{15: 7}) {
		t.Errorf("got %v, %v", id, err)
	}
}

func TestKeysOfMaps(t *testing.T) {
	cache := open(t, djredis.Options{})
	must(t, cache.Set(background, "k", map[float64]int{math.NaN(): 1, 2: 2}))
	if got, err := djredis.Get[map[float64]int](background, cache, "k"); err != nil || len(got) != 2 || got[2] != 2 {
		t.Errorf("got %v, %v", got, err)
	}
	tuples := djredis.Map{{Key: djredis.Tuple{int64(1), "a"}, Value: "b"}}
	must(t, cache.Set(background, "k", tuples))
	if got, err := djredis.Get[any](background, cache, "k"); err != nil || fmt.Sprint(got) != fmt.Sprint(tuples) {
		t.Errorf("got %#v, %v", got, err)
	}
	_, err := djredis.Get[map[any]any](background, cache, "k")
	if !errors.Is(err, djredis.ErrDecode) || !strings.Contains(err.Error(), "djredis.Tuple") || !strings.Contains(err.Error(), "djredis.Map") {
		t.Errorf("got %v", err)
	}
	type pair struct{ A, B any }
	if _, err := djredis.Get[map[pair]string](background, cache, "k"); !errors.Is(err, djredis.ErrDecode) {
		t.Errorf("got %v", err)
	}
	if got, err := djredis.Get[map[[2]any]string](background, cache, "k"); err != nil || got[[2]any{int64(1), "a"}] != "b" {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestBigValues(t *testing.T) {
	cache := open(t, djredis.Options{})
	numbers := make([]int32, 300_000)
	for i := range numbers {
		numbers[i] = int32(i * 7919)
	}
	must(t, cache.Set(background, "numbers", numbers))
	got, err := djredis.Get[[]int32](background, cache, "numbers")
	if err != nil || len(got) != len(numbers) || got[299_999] != numbers[299_999] {
		t.Errorf("got %d numbers, %v", len(got), err)
	}
	text := strings.Repeat("\u00fc", 8<<20)
	must(t, cache.Set(background, "text", text))
	if again, err := djredis.Get[string](background, cache, "text"); again != text || err != nil {
		t.Errorf("got %d bytes, %v", len(again), err)
	}
}
