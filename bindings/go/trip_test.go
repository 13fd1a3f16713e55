package djredis

import (
	"context"
	"testing"
)

func tripOf(t *testing.T, keys ...string) *trip {
	made := newTrip(Infinite)
	for _, key := range keys {
		if err := made.add(context.Background(), &batchCall{op: "get", key: key}); err != nil {
			t.Fatal(err)
		}
	}
	return made
}

// What is withdrawn in time is not sent, and the others still find their answers.
func TestWithdrawnCalls(t *testing.T) {
	whole, rest := tripOf(t, "a", "b", "c", "d"), tripOf(t, "b", "d")
	for _, place := range []int{2, 0} {
		if !whole.withdraw(place) {
			t.Errorf("call %d has gone", place)
		}
	}
	whole.begin()
	rest.begin()
	if string(whole.packed.buf) != string(rest.packed.buf) || whole.index(1) != 0 || whole.index(3) != 1 {
		t.Errorf("sent %q, and not %q", whole.packed.buf, rest.packed.buf)
	}
	if whole.withdraw(1) {
		t.Error("a call was withdrawn that is on its way")
	}
}

func TestATripWithoutCalls(t *testing.T) {
	empty := tripOf(t, "a")
	empty.withdraw(0)
	empty.begin()
	done := empty.done
	new(Cache).travel(empty) // whose handle is NULL: nothing may be sent
	<-done
}
