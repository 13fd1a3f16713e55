//go:build peer

package main

import (
	"context"

	"github.com/redis/go-redis/v9"
)

func get(socket string) error {
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: socket})
	defer client.Close()
	return client.Get(context.Background(), ":1:text").Err()
}
