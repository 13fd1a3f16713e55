//go:build ours

package main

import (
	"context"

	"djredis"
)

func get(socket string) error {
	cache, err := djredis.Open("unix:"+socket+":0", djredis.Options{})
	if err != nil {
		return err
	}
	defer cache.Close()
	_, err = djredis.Get[string](context.Background(), cache, "text")
	return err
}
