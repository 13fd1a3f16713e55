package djredis_test

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"djredis"
)

type Inner struct {
	Deep   string
	Hidden string
}

type Other struct {
	Deep  int
	Extra int
	*Deepest
}

type Deepest struct{ Bottom string }

type unexported struct{ Visible string }

// The same struct for encoding/json and for this package, so that one can be held against the other.
type both struct {
	Inner
	*Other
	unexported
	Plain    int
	Hidden   int
	Renamed  string            `json:"name" djredis:"name"`
	Minus    string            `json:"-" djredis:"-"`
	Empty    []string          `json:"empty,omitempty" djredis:"empty,omitempty"`
	Zero     struct{ A int }   `json:"zero,omitempty" djredis:"zero,omitempty"`
	Pointer  *int              `json:",omitempty" djredis:",omitempty"`
	Map      map[string]string `json:"map,omitempty" djredis:"map,omitempty"`
	Tagged   Inner             `json:"Tagged" djredis:"Tagged"`
	private  int
	Anything any `json:",omitempty" djredis:",omitempty"`
}

// asJSON is what encoding/json makes of a value, through a map.
func asJSON(t *testing.T, value any) map[string]any {
	t.Helper()
	text, err := json.Marshal(value)
	must(t, err)
	var fields map[string]any
	must(t, json.Unmarshal(text, &fields))
	return fields
}

func TestTheRulesOfEncodingJSON(t *testing.T) {
	cache := open(t, djredis.Options{})
	for _, given := range []both{
		{},
		{
			Inner: Inner{"deep", "inner"}, Other: &Other{1, 2, &Deepest{"bottom"}}, unexported: unexported{"v"}, Plain: 1, Hidden: 2,
			Renamed: "n", Minus: "m", Empty: []string{"x"}, Map: map[string]string{"a": "b"}, private: 3, Anything: 4,
		},
		{Empty: []string{}, Map: map[string]string{}, Other: &Other{}, Anything: 0},
	} {
		must(t, cache.Set(background, "k", given))
		var found any
		must(t, cache.Get(background, "k", &found))
		if got, want := asJSON(t, found), asJSON(t, given); !reflect.DeepEqual(got, want) {
			t.Errorf("stored %v, encoding/json %v", got, want)
		}
		var mine, theirs both
		must(t, cache.Get(background, "k", &mine))
		text, err := json.Marshal(given)
		must(t, err)
		must(t, json.Unmarshal(text, &theirs))
		if !reflect.DeepEqual(asJSON(t, mine), asJSON(t, theirs)) {
			t.Errorf("read %+v, encoding/json %+v", mine, theirs)
		}
	}
}

func TestTheCaseOfKeys(t *testing.T) {
	cache := open(t, djredis.Options{})
	must(t, cache.Set(background, "k", map[string]any{
		"NAME": "exact wins", "name": "n", "\u00dcBER": 1, "unknown": []any{map[string]any{"a": 1}}, "": 1, strings.Repeat("x", 100): 1,
	}))
	got, err := djredis.Get[struct {
		Name  string `djredis:"name"`
		Upper string `djredis:"NAME"`
		Über  int    `djredis:"\u00fcber"`
	}](background, cache, "k")
	if err != nil || got.Name != "n" || got.Upper != "exact wins" || got.Über != 1 {
		t.Errorf("got %+v, %v", got, err)
	}
	must(t, cache.Set(background, "k", map[string]any{"firstname": "a", "FIRSTNAME2": "b"}))
	second, err := djredis.Get[struct{ FirstName, FirstName2 string }](background, cache, "k")
	if err != nil || second.FirstName != "a" || second.FirstName2 != "b" {
		t.Errorf("got %+v, %v", second, err)
	}
}

func TestOmitZero(t *testing.T) {
	type times struct {
		At    time.Time  `djredis:"at,omitzero"`
		Point *time.Time `djredis:"point,omitzero"`
		In    Inner      `djredis:",omitzero"`
		N     int        `djredis:"n,omitempty,omitzero"`
		Dash  string     `djredis:"-,omitempty"`
	}
	cache := open(t, djredis.Options{})
	must(t, cache.Set(background, "k", times{}))
	if got, err := djredis.Get[map[string]any](background, cache, "k"); len(got) != 0 || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
	given := times{At: time.Unix(1e9, 0).UTC(), In: Inner{Deep: "x"}, N: 1, Dash: "d"}
	must(t, cache.Set(background, "k", given))
	if got, err := djredis.Get[times](background, cache, "k"); got != given || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
	if got, err := djredis.Get[map[string]any](background, cache, "k"); len(got) != 4 || got["-"] != "d" || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
}

// A struct may embed a pointer to its own type.
type Recursive struct {
	*Recursive
	Name string
}

type hiddenPointer struct{ *unexported }

func TestEmbeddedPointers(t *testing.T) {
	cache := open(t, djredis.Options{})
	must(t, cache.Set(background, "k", Recursive{&Recursive{nil, "inner"}, "outer"}))
	got, err := djredis.Get[Recursive](background, cache, "k")
	if err != nil || got.Name != "outer" || got.Recursive != nil {
		t.Errorf("got %+v, %v", got, err)
	}
	must(t, cache.Set(background, "k", hiddenPointer{&unexported{"v"}}))
	filled := hiddenPointer{new(unexported)}
	must(t, cache.Get(background, "k", &filled))
	if filled.Visible != "v" {
		t.Errorf("got %+v", filled.unexported)
	}
	_, err = djredis.Get[hiddenPointer](background, cache, "k")
	if !errors.Is(err, djredis.ErrDecode) || !strings.Contains(err.Error(), ".Visible") || !strings.Contains(err.Error(), "nil") {
		t.Errorf("got %v", err)
	}
}

func TestWhatIsThereStays(t *testing.T) {
	cache := open(t, djredis.Options{})
	must(t, cache.Set(background, "k", map[string]any{"A": 1, "List": []int{9}}))
	got := struct {
		A, B int
		List []int
	}{5, 6, []int{1, 2, 3}}
	list := got.List
	must(t, cache.Get(background, "k", &got))
	if got.A != 1 || got.B != 6 || len(got.List) != 1 || got.List[0] != 9 || list[0] != 1 {
		t.Errorf("got %+v, and the old list is %v", got, list)
	}
}

func TestNumbersThatDoNotFit(t *testing.T) {
	type small struct {
		I8  int8 `djredis:"i8"`
		U16 []uint16
		F32 float32
	}
	cache := open(t, djredis.Options{})
	for _, row := range []struct {
		value any
		want  string
	}{
		{map[string]int{"i8": 128}, "at .I8: the int 128 is out of the range of the Go type int8"},
		{map[string]int{"i8": -129}, "at .I8: the int -129 is out of the range of the Go type int8"},
		{map[string]any{"i8": million}, "at .I8: a big int is out of the range of the Go type int8"},
		{map[string]any{"U16": []int{1, 65536}}, "at .U16[1]: the int 65536 is out of the range of the Go type uint16"},
		{map[string]any{"U16": []int{-1}}, "at .U16[0]: the int -1 is out of the range of the Go type uint16"},
		{map[string]any{"F32": 1e300}, "at .F32: the float 1e+300 is too large for the Go type float32"},
		{map[string]any{"F32": 1<<24 + 1}, "at .F32: the int 16777217 has too many digits for the Go type float32"},
		{map[string]any{"F32": math.MaxInt64}, "at .F32: the int 9223372036854775807 has too many digits for the Go type float32"},
		{map[string]any{"i8": 1.0}, "at .I8: the float 1 does not fit the Go type int8"},
		{map[string]any{"i8": nil}, "at .I8: None does not fit the Go type int8"},
		{map[string]any{"U16": "x"}, "at .U16: a text does not fit the Go type []uint16"},
		{map[string]any{"F32": true}, "at .F32: a bool does not fit the Go type float32"},
		{[]int{}, "a list does not fit the Go type djredis_test.small"},
	} {
		must(t, cache.Set(background, "k", row.value))
		_, err := djredis.Get[small](background, cache, "k")
		if !errors.Is(err, djredis.ErrDecode) || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%v: %v", row.value, err)
		}
	}
	must(t, cache.Set(background, "k", map[string]any{"F32": 1 << 24}))
	if got, err := djredis.Get[small](background, cache, "k"); got.F32 != 1<<24 || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
}
