package djredis_test

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"djredis"
)

// The real Python: it evaluates one expression a line, and answers with one line.
const pythonsLoop = `
import sys, pickle, collections, datetime, decimal, fractions, types, uuid, zoneinfo
for line in sys.stdin:
    print(eval(line), flush=True)
`

var startPython = sync.OnceValues(func() (io.Writer, *bufio.Reader) {
	command := exec.Command("python3", "-c", pythonsLoop)
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		panic(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		panic(err)
	}
	if err := command.Start(); err != nil {
		panic("the tests need python3 3.9 or newer: " + err.Error())
	}
	return in, bufio.NewReader(out)
})

// python is what Python answers to an expression. It ends with the tests, when its input does.
func python(t testing.TB, expression string) string {
	t.Helper()
	in, out := startPython()
	_, err := fmt.Fprintln(in, expression)
	must(t, err)
	line, err := out.ReadString('\n')
	must(t, err)
	return strings.TrimSpace(line)
}

// pickled is what Python stores for an expression.
func pickled(t testing.TB, expression string) []byte {
	t.Helper()
	data, err := hex.DecodeString(python(t, "pickle.dumps("+expression+").hex()"))
	must(t, err)
	return data
}

// unpickled is the repr of what Python makes of stored bytes.
func unpickled(t testing.TB, stored []byte) string {
	t.Helper()
	return python(t, fmt.Sprintf("ascii(pickle.loads(bytes.fromhex('%x')))", stored))
}

func berlin(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	must(t, err)
	return zone
}

var million = new(big.Int).Exp(big.NewInt(10), big.NewInt(30), nil)

// Each row: what Python stores, what Go gets as an `any`, and what Python gets of what Go stores again.
func TestPythonsValuesAndBack(t *testing.T) {
	three := int64(3)
	for _, row := range []struct {
		python string
		want   any
		repr   string
	}{
		{"None", nil, "None"},
		{"True", true, "True"},
		{"[1, -1, 200, -200, 70000, -70000, 2**40]", []any{int64(1), int64(-1), int64(200), int64(-200), int64(70000), int64(-70000), int64(1 << 40)}, ""},
		{"[10**30, -2**63]", []any{million, int64(math.MinInt64)}, ""},
		{"1.5", 1.5, "1.5"},
		{"'\u00fc'", "ü", `'\xfc'`},
		{"b'\\x00\\xff'", []byte{0, 255}, `b'\x00\xff'`},
		{"(1, 'a')", djredis.Tuple{int64(1), "a"}, "(1, 'a')"},
		{"{7}", djredis.Set{int64(7)}, "{7}"},
		{"frozenset([7])", djredis.FrozenSet{int64(7)}, "frozenset({7})"},
		{"{'a': 1}", map[string]any{"a": int64(1)}, "{'a': 1}"},
		{"{None: 'b'}", map[any]any{nil: "b"}, ""},
		{"{(1, 2): 'a'}", djredis.Map{{djredis.Tuple{int64(1), int64(2)}, "a"}}, "{(1, 2): 'a'}"},
		{"bytearray(b'ab')", djredis.ByteArray("ab"), "bytearray(b'ab')"},
		{"decimal.Decimal('1.50')", djredis.Decimal("1.50"), "Decimal('1.50')"},
		{"uuid.UUID(int=1)", djredis.UUID{15: 1}, "UUID('00000000-0000-0000-0000-000000000001')"},
		{"1+2j", 1 + 2i, "(1+2j)"},
		{"fractions.Fraction(-1, 3)", big.NewRat(-1, 3), "Fraction(-1, 3)"},
		{"datetime.date(2024, 2, 29)", djredis.Date{2024, 2, 29}, "datetime.date(2024, 2, 29)"},
		{"datetime.time(1, 2, 3, 4)", djredis.TimeOfDay{1, 2, 3, 4, 0}, "datetime.time(1, 2, 3, 4)"},
		{"datetime.datetime(2024, 1, 2, 3, 4, 5, 6)", djredis.DateTime{djredis.Date{2024, 1, 2}, djredis.TimeOfDay{3, 4, 5, 6, 0}}, ""},
		{"datetime.timedelta(-1, 5, 6)", -24*time.Hour + 5*time.Second + 6*time.Microsecond, ""},
		{"datetime.timedelta(999999999)", djredis.Timedelta{999999999, 0, 0}, "datetime.timedelta(days=999999999)"},
		{"'\\ud800'", djredis.SurrogateText("\xed\xa0\x80"), `'\ud800'`},
		{"...", djredis.Ellipsis{}, "Ellipsis"},
		{"range(1, 5)", djredis.Range{big.NewInt(1), big.NewInt(5), big.NewInt(1)}, "range(1, 5)"},
		{"collections.OrderedDict(b=1, a=2)", djredis.OrderedDict{{"b", int64(1)}, {"a", int64(2)}}, ""},
		{"collections.Counter('aa')", djredis.Counter{{"a", int64(2)}}, "Counter({'a': 2})"},
		{"collections.deque([1], 3)", djredis.Deque{&three, []any{int64(1)}}, "deque([1], maxlen=3)"},
		{"collections.defaultdict(None, {1: 2})", djredis.DefaultDict{nil, djredis.Map{{int64(1), int64(2)}}}, "defaultdict(None, {1: 2})"},
		{"slice(1, 2)", djredis.Record{Class: "builtins.slice", Args: []any{int64(1), int64(2), nil}}, "slice(1, 2, None)"},
	} {
		t.Run(row.python, func(t *testing.T) {
			cache := open(t, djredis.Options{KeyPrefix: "types"})
			stored := pickled(t, row.python)
			must(t, cache.SetRaw(background, "k", stored))
			got, err := djredis.Get[any](background, cache, "k")
			must(t, err)
			if !reflect.DeepEqual(got, row.want) {
				t.Fatalf("got %#v, want %#v", got, row.want)
			}
			want := row.repr
			if want == "" {
				want = unpickled(t, stored)
			}
			again, err := cache.Encode(got)
			must(t, err)
			if repr := unpickled(t, again); repr != want {
				t.Errorf("Python reads %s, want %s", repr, want)
			}
		})
	}
}

func TestMoments(t *testing.T) {
	cache := open(t, djredis.Options{})
	zone := berlin(t)
	for _, row := range []struct {
		python string
		want   time.Time
	}{
		{"datetime.datetime(2024, 7, 1, 12, tzinfo=datetime.timezone.utc)", time.Date(2024, 7, 1, 12, 0, 0, 0, time.UTC)},
		{"datetime.datetime(2024, 7, 1, 12, 0, 0, 5, zoneinfo.ZoneInfo('Europe/Berlin'))", time.Date(2024, 7, 1, 12, 0, 0, 5000, zone)},
		{"datetime.datetime(1, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=-5), 'X'))", time.Date(1, 1, 1, 0, 0, 0, 0, time.FixedZone("X", -5*3600))},
		// The hour that comes twice, and the one that never comes.
		{"datetime.datetime(2024, 10, 27, 2, 30, tzinfo=zoneinfo.ZoneInfo('Europe/Berlin'))", time.Date(2024, 10, 27, 0, 30, 0, 0, time.UTC).In(zone)},
		{"datetime.datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=zoneinfo.ZoneInfo('Europe/Berlin'))", time.Date(2024, 10, 27, 1, 30, 0, 0, time.UTC).In(zone)},
		{"datetime.datetime(2024, 3, 31, 2, 30, tzinfo=zoneinfo.ZoneInfo('Europe/Berlin'))", time.Date(2024, 3, 31, 1, 30, 0, 0, time.UTC).In(zone)},
		{"datetime.datetime(2024, 3, 31, 2, 30, fold=1, tzinfo=zoneinfo.ZoneInfo('Europe/Berlin'))", time.Date(2024, 3, 31, 0, 30, 0, 0, time.UTC).In(zone)},
	} {
		must(t, cache.SetRaw(background, "k", pickled(t, row.python)))
		got, err := djredis.Get[time.Time](background, cache, "k")
		must(t, err)
		if !got.Equal(row.want) || got.Location().String() != row.want.Location().String() {
			t.Errorf("%s: got %v, want %v", row.python, got, row.want)
		}
		must(t, cache.Set(background, "again", got))
		again, err := djredis.Get[any](background, cache, "again")
		must(t, err)
		if moment, ok := again.(time.Time); !ok || !moment.Equal(row.want) {
			t.Errorf("%s: written and read again as %v", row.python, again)
		}
		data, err := cache.Encode(got)
		must(t, err)
		same := fmt.Sprintf("pickle.loads(bytes.fromhex('%x')).timestamp() == %s.timestamp()", data, row.python)
		if answer := python(t, same); answer != "True" {
			t.Errorf("%s: Python reads another moment", row.python)
		}
	}
}

func TestNaiveIsNoMoment(t *testing.T) {
	cache := open(t, djredis.Options{})
	must(t, cache.Set(background, "k", djredis.DateTime{djredis.Date{2024, 1, 2}, djredis.TimeOfDay{Hour: 3}}))
	_, err := djredis.Get[time.Time](background, cache, "k")
	if !errors.Is(err, djredis.ErrDecode) || !strings.Contains(err.Error(), "DateTime") {
		t.Errorf("got %v", err)
	}
	naive, err := djredis.Get[djredis.DateTime](background, cache, "k")
	must(t, err)
	if want := time.Date(2024, 1, 2, 2, 0, 0, 0, time.UTC); !naive.In(berlin(t)).Equal(want) {
		t.Errorf("got %v", naive.In(berlin(t)))
	}
}

type profile struct {
	Name    string `djredis:"name"`
	Age     *uint8 `djredis:"age,omitempty"`
	Balance djredis.Decimal
	Tags    map[string]struct{} `djredis:"tags"`
	Friends []profile           `djredis:"friends"`
	Seen    time.Time           `djredis:"seen"`
	Extra   any                 `djredis:"extra"`
	Lazy    djredis.Value       `djredis:"lazy"`
	Secret  string              `djredis:"-"`
	hidden  int
	Base
}

type Base struct {
	ID   int64 `djredis:"id"`
	Name string
}

func TestStructs(t *testing.T) {
	cache := open(t, djredis.Options{})
	age := uint8(36)
	lazy, err := djredis.ValueOf([]int{1, 2})
	must(t, err)
	ada := profile{
		Name: "Ada", Age: &age, Balance: "1.50", Tags: map[string]struct{}{"a": {}}, Seen: time.Unix(1e9, 0).UTC(),
		Friends: []profile{{Name: "Bob", Balance: "0", Seen: time.Unix(2e9, 0).UTC()}}, Extra: "x", Lazy: lazy, Secret: "s", hidden: 1,
		Base: Base{ID: 7, Name: "inner"},
	}
	must(t, cache.Set(background, "k", ada))
	got, err := djredis.Get[profile](background, cache, "k")
	must(t, err)
	ada.Secret, ada.hidden = "", 0
	if !reflect.DeepEqual(got, ada) {
		t.Errorf("got %+v", got)
	}
	fields, err := djredis.Get[map[string]djredis.Value](background, cache, "k")
	must(t, err)
	for _, name := range []string{"name", "age", "Balance", "tags", "friends", "seen", "extra", "lazy", "id", "Name"} {
		if _, ok := fields[name]; !ok {
			t.Errorf("no %s in %v", name, fields)
		}
	}
	if len(fields) != 10 || fields["tags"].Kind() != djredis.KindSet {
		t.Errorf("got %v", fields)
	}
}

func TestAnObjectsFields(t *testing.T) {
	cache := open(t, djredis.Options{})
	must(t, cache.SetRaw(background, "k", pickled(t, "types.SimpleNamespace(name='Ada', age=36)")))
	value, err := djredis.Get[djredis.Value](background, cache, "k")
	must(t, err)
	if name, err := value.Field("name"); err != nil || name.Kind() != djredis.KindText {
		t.Errorf("Field: %v, %v", name, err)
	}
	if _, err := value.Field("nothing"); err != djredis.ErrMiss {
		t.Errorf("a field that is not there: %v", err)
	}
	got, err := djredis.Get[struct {
		Name string `djredis:"name"`
		Age  int    `djredis:"age"`
	}](background, cache, "k")
	if err != nil || got.Name != "Ada" || got.Age != 36 {
		t.Errorf("got %+v, %v", got, err)
	}
	before, err := cache.GetRaw(background, "k")
	must(t, err)
	must(t, cache.Set(background, "copy", value))
	if after, err := cache.GetRaw(background, "copy"); err != nil || string(after) != string(before) {
		t.Errorf("written back as %q, %v", after, err)
	}
}

func TestWhatDoesNotFit(t *testing.T) {
	cache := open(t, djredis.Options{})
	for _, row := range []struct {
		value any
		dst   any
		want  []string
	}{
		{300, new(int8), []string{`"k"`, "300", "int8"}},
		{-1, new(uint), []string{"-1", "uint"}},
		{uint64(1 << 63), new(int64), []string{"big int", "int64"}},
		{"x", new(int), []string{"text", "int"}},
		{1, new(string), []string{"the int 1", "string"}},
		{nil, new(string), []string{"None", "string"}},
		{1 << 60, new(float32), []string{}},
		{1<<60 + 1, new(float64), []string{"float64"}},
		{1e300, new(float32), []string{"float32"}},
		{[]int{1, 2}, new([3]int), []string{"2 elements", "[3]int"}},
		{map[string]any{"friends": []any{map[string]any{"name": 1}}}, new(profile), []string{`"k"`, ".Friends[0].Name", "string"}},
		{map[string]any{"a": []any{1, "x"}}, new(map[string][]int), []string{`["a"][1]`, "int"}},
		{djredis.Decimal("1"), new(float64), []string{"Decimal", "float64"}},
		{1, new(time.Duration), []string{"time.Duration"}},
		{1, new(chan int), []string{"chan int"}},
		{1, new(fmt.Stringer), []string{"fmt.Stringer"}},
		{1, nil, []string{"pointer"}},
		{1, 5, []string{"pointer", "int"}},
		{1, (*int)(nil), []string{"pointer"}},
	} {
		must(t, cache.Set(background, "k", row.value))
		err := cache.Get(background, "k", row.dst)
		if len(row.want) == 0 {
			must(t, err)
			continue
		}
		if !errors.Is(err, djredis.ErrDecode) {
			t.Errorf("%v into %T: %v", row.value, row.dst, err)
			continue
		}
		for _, fragment := range row.want {
			if !strings.Contains(err.Error(), fragment) {
				t.Errorf("%v into %T: no %q in %q", row.value, row.dst, fragment, err)
			}
		}
	}
}

func TestWhatCantBeStored(t *testing.T) {
	cache := open(t, djredis.Options{})
	for _, value := range []any{
		make(chan int), func() {}, []any{func() {}}, map[string]any{"f": func() {}}, "\xff", []string{"\xff"},
		time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), djredis.Range{}, []any{djredis.Opaque("x")},
		djredis.Decimal("one"), djredis.Date{2023, 2, 29},
	} {
		err := cache.Set(background, "k", value)
		if !errors.Is(err, djredis.ErrEncode) {
			t.Errorf("%T: %v", value, err)
		}
		if there, err := cache.Has(background, "k"); there || err != nil {
			t.Errorf("%T: something was stored (%v)", value, err)
		}
	}
	err := cache.Set(background, "k", map[string]any{"f": []any{1, func() {}}})
	for _, fragment := range []string{`"k"`, `["f"][1]`, "func()"} {
		if !strings.Contains(err.Error(), fragment) {
			t.Errorf("no %q in %q", fragment, err)
		}
	}
}

func TestGosOwnTypes(t *testing.T) {
	type celsius float32
	type name string
	cache := open(t, djredis.Options{})
	check := func(value, dst any) {
		t.Helper()
		must(t, cache.Set(background, "k", value))
		must(t, cache.Get(background, "k", dst))
		if got := reflect.ValueOf(dst).Elem().Interface(); !reflect.DeepEqual(got, value) {
			t.Errorf("stored %#v, got %#v", value, got)
		}
	}
	check(celsius(1.5), new(celsius))
	check(name("x"), new(name))
	check(uint64(math.MaxUint64), new(uint64))
	check([]name{"a"}, new([]name))
	check([4]byte{1, 2, 3, 4}, new([4]byte))
	check(map[name]celsius{"a": 1}, new(map[name]celsius))
	check(map[int][]string{1: {"a"}, 2: nil}, new(map[int][]string))
	check([]*int{nil}, new([]*int))
	check([]string(nil), new([]string))
	check(map[string]int(nil), new(map[string]int))
	check(million, new(*big.Int))
	check(big.NewRat(1, 2), new(*big.Rat))
	check(3*time.Second, new(time.Duration))
	check(djredis.UUID{1}, new(djredis.UUID))
	check(map[djredis.UUID]int{{1}: 1}, new(map[djredis.UUID]int))
	check(complex64(1+2i), new(complex64))
	check(strings.Repeat("x", 100_000), new(string))
	check(make([]byte, 1<<20), new([]byte))
}
