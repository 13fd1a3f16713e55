package djredis_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"math/big"
	"time"

	"djredis"
)

// example is a cache inside the process, so that the examples need no server.
func example(name string) (context.Context, *djredis.Cache) {
	cache, err := djredis.Open("memory:"+name, djredis.Options{KeyPrefix: "shop"})
	if err != nil {
		log.Fatal(err)
	}
	return context.Background(), cache
}

func Example() {
	type User struct {
		Name  string   `djredis:"name"`
		Langs []string `djredis:"langs,omitempty"`
	}
	ctx := context.Background()
	cache, err := djredis.Open("memory:first", djredis.Options{KeyPrefix: "shop"}) // or "127.0.0.1:6379:1"
	if err != nil {
		log.Fatal(err)
	}
	defer cache.Close()

	if err := cache.Set(ctx, "user:42", User{"Ada", []string{"en"}}, djredis.TTL(5*time.Minute)); err != nil {
		log.Fatal(err)
	}
	user, err := djredis.Get[User](ctx, cache, "user:42")
	fmt.Println(user, err)
	// Output: {Ada [en]} <nil>
}

func ExampleOpen() {
	_, err := djredis.Open("redis://127.0.0.1:6379/1?socket_timout=2", djredis.Options{})
	fmt.Println(errors.Is(err, djredis.ErrConfig))
	// Output: true
}

func ExampleGet() {
	ctx, cache := example("get")
	defer cache.Close()
	fmt.Println(cache.Set(ctx, "answer", 42))
	fmt.Println(djredis.Get[int](ctx, cache, "answer"))
	_, err := djredis.Get[int](ctx, cache, "question")
	fmt.Println(errors.Is(err, djredis.ErrMiss))
	_, err = djredis.Get[[]string](ctx, cache, "answer")
	fmt.Println(err)
	// Output:
	// <nil>
	// 42 <nil>
	// true
	// djredis: the value of "answer" can't be read: the int 42 does not fit the Go type []string
}

func ExampleCache_Set() {
	ctx, cache := example("set")
	defer cache.Close()
	fmt.Println(cache.Set(ctx, "price", djredis.Decimal("9.90"), djredis.TTL(time.Hour)))
	fmt.Println(cache.Set(ctx, "price", djredis.Decimal("8.90"), djredis.NX) == djredis.ErrMiss)
	fmt.Println(djredis.Get[any](ctx, cache, "price"))
	// Output:
	// <nil>
	// true
	// 9.90 <nil>
}

func ExampleGetOrSet() {
	ctx, cache := example("getorset")
	defer cache.Close()
	for i := 0; i < 2; i++ {
		report, err := djredis.GetOrSet(ctx, cache, "report", func(context.Context) ([]int, error) {
			fmt.Println("made")
			return []int{1, 2, 3}, nil
		}, djredis.TTL(time.Minute))
		fmt.Println(report, err)
	}
	// Output:
	// made
	// [1 2 3] <nil>
	// [1 2 3] <nil>
}

func ExampleGetMany() {
	ctx, cache := example("getmany")
	defer cache.Close()
	if err := cache.SetMany(ctx, map[string]any{"a": 1, "b": 2}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(djredis.GetMany[int](ctx, cache, []string{"a", "b", "missing"}))
	// Output: map[a:1 b:2] <nil>
}

func ExampleNewSerializer() {
	type Basket struct {
		Items []string `json:"items"`
	}
	ctx := context.Background()
	cache, err := djredis.Open("memory:serializer", djredis.Options{
		KeyPrefix:  "shop",
		Serializer: djredis.NewSerializer(json.Marshal, json.Unmarshal),
	})
	if err != nil {
		log.Fatal(err)
	}
	defer cache.Close()

	fmt.Println(cache.SetMany(ctx, map[string]any{"basket": Basket{[]string{"tea"}}, "visits": 41}))
	fmt.Println(djredis.Get[Basket](ctx, cache, "basket"))
	fmt.Println(cache.Incr(ctx, "visits", 1)) // integers are digits in every cache
	stored, err := cache.GetRaw(ctx, "basket")
	fmt.Println(string(stored), err)
	// Output:
	// <nil>
	// {[tea]} <nil>
	// 42 <nil>
	// {"items":["tea"]} <nil>
}

func ExampleCache_Incr() {
	ctx, cache := example("incr")
	defer cache.Close()
	_, err := cache.Incr(ctx, "visits", 1)
	fmt.Println(errors.Is(err, djredis.ErrNotFound))
	fmt.Println(cache.Set(ctx, "visits", 41))
	fmt.Println(cache.Incr(ctx, "visits", 1))
	// Output:
	// true
	// <nil>
	// 42 <nil>
}

func ExampleCache_Scan() {
	ctx, cache := example("scan")
	defer cache.Close()
	fmt.Println(cache.Set(ctx, "user:1", "Ada"))
	// From Go 1.23 on: for key, err := range cache.Scan(ctx, "user:*") { ... }
	cache.Scan(ctx, "user:*")(func(key string, err error) bool {
		fmt.Println(key, err)
		return true
	})
	// Output:
	// <nil>
	// user:1 <nil>
}

func ExampleCache_Lock() {
	ctx, cache := example("lock")
	defer cache.Close()
	lock, err := cache.Lock(ctx, "import", 10*time.Second)
	if err != nil {
		log.Fatal(err)
	}
	_, err = cache.Lock(ctx, "import", 10*time.Second)
	fmt.Println(errors.Is(err, djredis.ErrMiss))
	fmt.Println(lock.Unlock(ctx))
	// Output:
	// true
	// <nil>
}

func ExampleCache_Run() {
	ctx, cache := example("run")
	defer cache.Close()
	var batch djredis.Batch
	batch.Set("visits", 1, djredis.Forever)
	batch.Incr("visits", 1)
	batch.Get("nobody")
	results, err := cache.Run(ctx, &batch)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(results[1].Value.Int())
	fmt.Println(results[2].Err == djredis.ErrMiss)
	// Output:
	// 2 <nil>
	// true
}

func ExampleValue() {
	ctx, cache := example("value")
	defer cache.Close()
	fmt.Println(cache.Set(ctx, "basket", map[string]any{"items": []string{"tea"}, "total": djredis.Decimal("3.50")}))
	basket, err := djredis.Get[djredis.Value](ctx, cache, "basket")
	if err != nil {
		log.Fatal(err)
	}
	total, err := basket.Field("total")
	fmt.Println(basket.Kind(), basket.Len(), total.Kind(), err)
	// Output:
	// <nil>
	// map 2 Decimal <nil>
}

func ExampleError() {
	ctx := context.Background()
	cache, err := djredis.Open("127.0.0.1:1:0", djredis.Options{}) // nothing listens on this port
	if err != nil {
		log.Fatal(err)
	}
	defer cache.Close()
	err = cache.Set(ctx, "k", "v")
	var failed *djredis.Error
	if errors.As(err, &failed) {
		fmt.Println(errors.Is(err, djredis.ErrConnection), failed.Retryable)
	}
	// Output: true true
}

func ExampleDecimal() {
	amount, ok := new(big.Rat).SetString(string(djredis.Decimal("1.50")))
	fmt.Println(amount, ok)
	// Output: 3/2 true
}
