// Stores a value and reads it back:
//
//	make build
//	go run -C examples/go/quickstart . 127.0.0.1:6379:0
//
// Without an argument the cache is one inside the process.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"djredis"
)

type greeting struct {
	Text      string   `djredis:"text"`
	Languages []string `djredis:"languages"`
}

func main() {
	location := "memory:quickstart"
	if len(os.Args) > 1 {
		location = os.Args[1]
	}
	if err := run(location); err != nil {
		log.Fatal(err)
	}
}

func run(location string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	cache, err := djredis.Open(location, djredis.Options{KeyPrefix: "quickstart"})
	if err != nil {
		return err
	}
	defer cache.Close()

	hello := greeting{"hello, world", []string{"C", "Go"}}
	if err := cache.Set(ctx, "greeting", hello, djredis.TTL(time.Minute)); err != nil {
		return err
	}
	found, err := djredis.Get[greeting](ctx, cache, "greeting")
	if err != nil {
		return err
	}
	fmt.Println(found.Text)
	return nil
}
