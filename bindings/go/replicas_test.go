package djredis_test

import (
	"errors"
	"strings"
	"testing"

	"djredis"
)

// The rest is in tests/conformance/cases/replicas.json and sentinels.json.
func TestDeadReplicaIsLeftOut(t *testing.T) {
	dead := strings.TrimSuffix(location, ":0") + ".dead:0"
	cache := openAt(t, location+","+dead, djredis.Options{KeyPrefix: t.Name(), Clear: "prefix"})
	if err := cache.Set(background, "k", 1); err != nil {
		t.Fatal(err)
	}
	var value int
	if err := cache.Get(background, "k", &value); value != 1 || err != nil {
		t.Errorf("Get: %v, %v", value, err)
	}
	reader := openAt(t, dead+","+location, djredis.Options{KeyPrefix: t.Name(), Clear: "prefix"})
	value = 0
	if err := reader.Get(background, "k", &value); value != 1 || err != nil {
		t.Errorf("Get without a primary: %v, %v", value, err)
	}
	if err := reader.Set(background, "k", 2); !errors.Is(err, djredis.ErrConnection) {
		t.Errorf("Set without a primary: %v", err)
	}
}

func TestDeadSentinelsAreNamed(t *testing.T) {
	cache := openAt(t, "redis://mymaster/0", djredis.Options{
		ClientClass: "sentinel", Extra: map[string]string{"SENTINELS": "127.0.0.1:1,127.0.0.1:2"},
	})
	var value int
	err := cache.Get(background, "k", &value)
	if !errors.Is(err, djredis.ErrConnection) || !strings.Contains(err.Error(), "no sentinel of") {
		t.Errorf("Get: %v", err)
	}
}
