package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"

	"djredis"
)

// step is what the runner sends. Numbers are decimal text.
type step struct {
	Do, Cache, Conn, Location string
	Options                   map[string]any
	Key, To, Pattern, Data    string
	Token, Name, Format, Op   string
	Keys, Args                []string
	Commands                  [][]string
	Items                     [][2]json.RawMessage
	Calls                     []step
	Value                     json.RawMessage
	Flags                     []string
	Version, Delta, Itersize  *string
	DeadlineMS                *string         `json:"deadline_ms"`
	TTLMillis                 json.RawMessage `json:"ttl_ms"`
	KeyIndex                  *string         `json:"key_index"`
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	check(err)
	return n
}

func unhex(text string) []byte {
	data, err := hex.DecodeString(text)
	check(err)
	return data
}

func hexOf(data []byte) string { return hex.EncodeToString(data) }

func (s step) has(flag string) bool {
	for _, given := range s.Flags {
		if given == flag {
			return true
		}
	}
	return false
}

func (s step) key() string { return string(unhex(s.Key)) }

func (s step) keys() []string {
	keys := []string{}
	for _, key := range s.Keys {
		keys = append(keys, string(unhex(key)))
	}
	return keys
}

func (s step) delta() int64 {
	if s.Delta == nil {
		return 1
	}
	return number(*s.Delta)
}

// context has the step's deadline.
func (s step) context() (context.Context, context.CancelFunc) {
	if s.DeadlineMS == nil {
		return context.WithCancel(context.Background())
	}
	return context.WithTimeout(context.Background(), time.Duration(number(*s.DeadlineMS))*time.Millisecond)
}

func (s step) keyOptions() []djredis.KeyOption {
	var opts []djredis.KeyOption
	if s.Version != nil {
		opts = append(opts, djredis.Version(number(*s.Version)))
	}
	if s.has("KEY_MADE") {
		opts = append(opts, djredis.KeyMade)
	}
	return opts
}

func (s step) call() (opts []djredis.CallOption) {
	for _, opt := range s.keyOptions() {
		opts = append(opts, opt)
	}
	return opts
}

func (s step) reading() (opts []djredis.GetOption) {
	for _, opt := range s.keyOptions() {
		opts = append(opts, opt)
	}
	if s.has("AS_PAYLOAD") {
		opts = append(opts, djredis.AsPayload)
	}
	return opts
}

func (s step) scanning() (opts []djredis.ScanOption) {
	for _, opt := range s.keyOptions() {
		opts = append(opts, opt)
	}
	if s.Itersize != nil {
		opts = append(opts, djredis.Count(number(*s.Itersize)))
	}
	return opts
}

func (s step) writing() (opts []djredis.SetOption) {
	for _, opt := range s.keyOptions() {
		opts = append(opts, opt)
	}
	if s.has("NX") {
		opts = append(opts, djredis.NX)
	}
	if s.has("XX") {
		opts = append(opts, djredis.XX)
	}
	if s.TTLMillis != nil {
		opts = append(opts, djredis.TTL(s.ttl()))
	}
	return opts
}

func (s step) locking() (opts []djredis.LockOption) {
	for _, opt := range s.keyOptions() {
		opts = append(opts, opt)
	}
	return append(opts, djredis.Token(unhex(s.Token)))
}

// ttl is 0 where the step has none.
func (s step) ttl() time.Duration {
	if s.TTLMillis == nil {
		return 0
	}
	var millis *string
	check(json.Unmarshal(s.TTLMillis, &millis))
	if millis == nil {
		return djredis.Infinite
	}
	return time.Duration(number(*millis)) * time.Millisecond
}
