package djredis_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"djredis"
)

// recorder keeps what is logged.
type recorder struct {
	mutex sync.Mutex
	lines bytes.Buffer
}

func (r *recorder) Write(line []byte) (int, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.lines.Write(line)
}

func (r *recorder) logger() *slog.Logger { return slog.New(slog.NewTextHandler(r, nil)) }

func (r *recorder) text() string {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.lines.String()
}

func (r *recorder) count() int { return strings.Count(r.text(), "\n") }

func TestNoErrorShowsAPassword(t *testing.T) {
	const secret = "hunter2"
	opts := djredis.Options{
		Username: "me", Password: secret, SocketTimeout: 100 * time.Millisecond,
		Extra: map[string]string{"sentinel_password": secret},
	}
	shown := []string{fmt.Sprintf("%v %+v %#v %s", opts, opts, opts, opts), opts.LogValue().String()}
	var log recorder
	log.logger().Info("opened", "options", opts)
	shown = append(shown, log.text())
	opts.Extra = nil
	for _, where := range []string{nobody(t), silent(t), location, "redis://:" + secret + "@" + strings.TrimSuffix(nobody(t), ":0")} {
		cache := openAt(t, where, opts)
		err := cache.Set(background, "k", 1)
		if err == nil {
			t.Errorf("%s: no error", where)
		}
		option, optionErr := cache.Option("PASSWORD")
		shown = append(shown, fmt.Sprintf("%v %#v %v %v", err, err, option, optionErr), cache.String(), fmt.Sprintf("%v %+v", cache, cache))
	}
	for _, bad := range []string{"redis://:" + secret + "@host:port", "redis://:" + secret + "@h/x?y=z"} {
		_, err := djredis.Open(bad, djredis.Options{})
		if !errors.Is(err, djredis.ErrConfig) {
			t.Errorf("%v", err)
		}
		shown = append(shown, err.Error())
	}
	for _, text := range shown {
		if strings.Contains(text, secret) {
			t.Errorf("the password is shown: %s", text)
		}
	}
}

func TestBadOptions(t *testing.T) {
	for _, row := range []struct {
		where string
		opts  djredis.Options
		want  string
	}{
		{location, djredis.Options{Extra: map[string]string{"KEY_PREFIKS": "x"}}, "KEY_PREFIX"},
		{location, djredis.Options{ZeroTimeout: "perhaps"}, "ZERO_TIMEOUT"},
		{location, djredis.Options{MaxConnections: -1}, "MAX_CONNECTIONS"},
		{location, djredis.Options{SocketTimeout: -time.Second}, "SOCKET_TIMEOUT"},
		{"nonsense", djredis.Options{}, "nonsense"},
		{"", djredis.Options{}, "location"},
	} {
		cache, err := djredis.Open(row.where, row.opts)
		if cache != nil || !errors.Is(err, djredis.ErrConfig) || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%q, %+v: %v", row.where, row.opts, err)
		}
	}
}

func TestOptionsReachTheLibrary(t *testing.T) {
	cache := open(t, djredis.Options{
		KeyPrefix: "p", Version: 3, Timeout: 90 * time.Second, ZeroTimeout: "expire", DB: 0, SocketTimeout: 1500 * time.Millisecond,
		SocketConnectTimeout: time.Second, PoolTimeout: djredis.Infinite, MaxConnections: 5, Protocol: "resp3", PickleVersion: 4,
		DecodeError: "miss", LogIgnoredExceptions: true, Clear: "prefix", ScanIterSize: 7, Extra: map[string]string{"timeout": "0.25"},
	})
	for name, want := range map[string]string{
		"KEY_PREFIX": "p", "VERSION": "3", "TIMEOUT": "0.25", "ZERO_TIMEOUT": "expire", "SOCKET_TIMEOUT": "1.5", "MAX_CONNECTIONS": "5",
		"SOCKET_CONNECT_TIMEOUT": "1", "POOL_TIMEOUT": "none", "PROTOCOL": "resp3", "PICKLE_VERSION": "4", "DECODE_ERROR": "miss",
		"LOG_IGNORED_EXCEPTIONS": "true", "CLEAR": "prefix", "SCAN_ITERSIZE": "7",
	} {
		if got, err := cache.Option(name); got != want || err != nil {
			t.Errorf("%s is %q, %v", name, got, err)
		}
	}
	if key, err := cache.MakeKey("k", djredis.Version(9)); key != "p:9:k" || err != nil {
		t.Errorf("MakeKey: %q, %v", key, err)
	}
	if _, err := cache.Option("NOTHING"); !errors.Is(err, djredis.ErrConfig) {
		t.Errorf("an option that is none: %v", err)
	}
	all, err := djredis.ListOptions()
	if err != nil || len(all) < 20 || all[0].Name == "" || all[0].Doc == "" {
		t.Errorf("ListOptions: %v, %v", all, err)
	}
}

func TestStoredBytesOfADecodeError(t *testing.T) {
	cache := open(t, djredis.Options{})
	must(t, cache.SetRaw(background, "k", []byte("\x80\x05no pickle")))
	err := cache.Get(background, "k", new(any))
	var failed *djredis.Error
	if !errors.As(err, &failed) || failed.Status != djredis.ErrDecode || string(failed.Stored) != "\x80\x05no pickle" {
		t.Errorf("got %#v", err)
	}
}

func TestDo(t *testing.T) {
	cache := open(t, djredis.Options{})
	if reply, err := cache.Do(background, "RPUSH", djredis.Key("list"), "a", []byte("b"), 3, 1.5, true); reply != int64(5) || err != nil {
		t.Errorf("RPUSH: %v, %v", reply, err)
	}
	reply, err := cache.Do(background, "LRANGE", djredis.Key("list"), 0, -1)
	must(t, err)
	if got := fmt.Sprintf("%s", reply); got != "[a b 3 1.5 1]" {
		t.Errorf("LRANGE: %s", got)
	}
	if reply, err := cache.Do(background, "GET", djredis.Key("missing")); reply != nil || err != nil {
		t.Errorf("GET: %v, %v", reply, err)
	}
	for _, row := range []struct {
		args []any
		want error
	}{
		{[]any{"NOSUCH"}, djredis.ErrServer},
		{[]any{"GET", djredis.Key("list")}, djredis.ErrType},
		{[]any{}, djredis.ErrArgument},
		{[]any{djredis.Key("GET"), "k"}, djredis.ErrArgument},
		{[]any{"MGET", djredis.Key("a"), djredis.Key("b")}, djredis.ErrArgument},
		{[]any{"GET", nil}, djredis.ErrArgument},
		{[]any{"SUBSCRIBE", "x"}, djredis.ErrArgument},
	} {
		if _, err := cache.Do(background, row.args...); !errors.Is(err, row.want) {
			t.Errorf("%v: %v", row.args, err)
		}
	}
}
