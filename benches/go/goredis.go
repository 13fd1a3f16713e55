package main

import (
	"github.com/redis/go-redis/v9"
)

type goRedis struct {
	client      redis.UniversalClient
	keys, fresh []string
	pickled     []byte
}

func newGoRedis(client redis.UniversalClient, o *ours) *goRedis {
	return &goRedis{client, keys(":1:", "many"), keys(":1:", "new"), o.pickled()}
}

func (g *goRedis) getText() error {
	_, err := g.client.Get(ctx, ":1:text").Bytes()
	return err
}

func (g *goRedis) getDict() error {
	_, err := g.client.Get(ctx, ":1:user").Bytes()
	return err
}

func (g *goRedis) setText() error { return g.client.Set(ctx, ":1:new", g.pickled, ttl).Err() }

func (g *goRedis) getMany() error { return g.client.MGet(ctx, g.keys...).Err() }

func (g *goRedis) setMany() error {
	_, err := g.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for _, key := range g.fresh {
			pipe.Set(ctx, key, g.pickled, ttl)
		}
		return nil
	})
	return err
}

func (g *goRedis) incr() error { return g.client.IncrBy(ctx, ":1:visits", 1).Err() }
