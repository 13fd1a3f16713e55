// The conformance driver for Go: one step in, one result out. See ../README.md.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"

	"djredis"
)

var statusNames = map[djredis.Status]string{
	djredis.ErrMiss:        "MISS",
	djredis.ErrArgument:    "ERR_ARGUMENT",
	djredis.ErrConfig:      "ERR_CONFIG",
	djredis.ErrPanic:       "ERR_PANIC",
	djredis.ErrConnection:  "ERR_CONNECTION",
	djredis.ErrTimeout:     "ERR_TIMEOUT",
	djredis.ErrPool:        "ERR_POOL",
	djredis.ErrAuth:        "ERR_AUTH",
	djredis.ErrServer:      "ERR_SERVER",
	djredis.ErrProtocol:    "ERR_PROTOCOL",
	djredis.ErrEncode:      "ERR_ENCODE",
	djredis.ErrDecode:      "ERR_DECODE",
	djredis.ErrNotFound:    "ERR_NOT_FOUND",
	djredis.ErrUnsupported: "ERR_UNSUPPORTED",
	djredis.ErrClosed:      "ERR_CLOSED",
	djredis.ErrForked:      "ERR_FORKED",
	djredis.ErrType:        "ERR_TYPE",
	djredis.ErrUnavailable: "ERR_UNAVAILABLE",
	djredis.ErrInterrupted: "ERR_INTERRUPTED",
}

// answer is one line of output.
type answer struct {
	Status  string   `json:"status"`
	Value   any      `json:"value,omitempty"`
	Message string   `json:"message,omitempty"`
	Stored  string   `json:"stored"`
	Flags   []string `json:"flags"`
}

func answerOf(value any, err error) answer {
	if err == nil {
		return answer{Status: "OK", Value: value}
	}
	if errors.Is(err, djredis.ErrMiss) {
		return answer{Status: "MISS"}
	}
	var failed *djredis.Error
	if !errors.As(err, &failed) {
		return answer{Status: "no error of djredis", Message: err.Error()}
	}
	flags := []string{}
	for _, flag := range []struct {
		name string
		set  bool
	}{{"NOT_SENT", failed.Retryable}, {"MAYBE_SENT", failed.MaybeSent()}, {"AWAY", failed.Away}} {
		if flag.set {
			flags = append(flags, flag.name)
		}
	}
	return answer{statusNames[failed.Status], nil, failed.Message, hexOf(failed.Stored), flags}
}

func main() {
	in, out := bufio.NewReader(os.Stdin), json.NewEncoder(os.Stdout)
	d := newDriver()
	for {
		line, err := in.ReadBytes('\n')
		if err == io.EOF {
			return
		}
		var s step
		if err == nil {
			err = json.Unmarshal(line, &s)
		}
		if err != nil {
			panic(err)
		}
		if err := out.Encode(answerOf(d.run(s))); err != nil {
			panic(err)
		}
	}
}
