package main

import (
	"strings"

	"github.com/redis/go-redis/v9"
	"github.com/redis/rueidis"
)

// The workloads on a cluster.
var clusterWorkloads = []workload{
	{"get text", client.getText, 1},
	{"get_many 100", client.getMany, 1},
	{"get text, 64 goroutines", client.getText, 64},
}

// clusterGoRedis reads many keys in a pipeline, which it divides among the nodes: an MGET takes keys of one slot only.
type clusterGoRedis struct{ *goRedis }

func (g clusterGoRedis) getMany() error {
	_, err := g.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for _, key := range g.keys {
			pipe.Get(ctx, key)
		}
		return nil
	})
	return err
}

// clusterRueidis reads many keys with a function that divides them among the nodes.
type clusterRueidis struct{ *rueidisClient }

func (r clusterRueidis) getMany() error {
	_, err := rueidis.MGet(r.client, ctx, r.keys)
	return err
}

// clusterSides take a location such as 127.0.0.1:7000:0,127.0.0.1:7001:0.
func clusterSides(location string) []side {
	ours := newOurs(location, map[string]string{"CLIENT_CLASS": "cluster"})
	var nodes []string
	for _, node := range strings.Split(location, ",") {
		nodes = append(nodes, strings.TrimSuffix(node, ":0"))
	}
	goRedis := newGoRedis(redis.NewClusterClient(&redis.ClusterOptions{Addrs: nodes}), ours)
	rueidis := newRueidis(rueidis.ClientOption{InitAddress: nodes, DisableCache: true}, ours)
	return []side{{"go-redis", clusterGoRedis{goRedis}}, {"rueidis", clusterRueidis{rueidis}}, {"ours", ours}}
}
