// djredis beside go-redis and rueidis, in one process, round by round.
//
//	bench SOCKET ROUNDS MILLISECONDS    of each round; prints JSON lines, see benches/README.md
//	bench near SOCKET ROUNDS MILLISECONDS    the same for hits of the near cache
//	bench cluster LOCATION ROUNDS MILLISECONDS    the same on a cluster
//
// The peers move bytes: the same that our side, which is typed, reads and writes.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/rueidis"
)

const (
	ttl  = 5 * time.Minute
	many = 100
)

var (
	ctx  = context.Background()
	text = strings.Repeat("x", 100)
)

// client is one side: what it does for each workload.
type client interface {
	getText() error
	getDict() error
	setText() error
	getMany() error
	setMany() error
	incr() error
}

type workload struct {
	name    string
	run     func(client) error
	threads int
}

var workloads = []workload{
	{"get text", client.getText, 1},
	{"get dict", client.getDict, 1},
	{"set text", client.setText, 1},
	{"get_many 100", client.getMany, 1},
	{"set_many 100", client.setMany, 1},
	{"incr", client.incr, 1},
	{"get text, 8 threads", client.getText, 8},
	{"get text, 64 goroutines", client.getText, 64},
	{"set text, 64 goroutines", client.setText, 64},
}

func main() {
	log.SetFlags(0)
	what, arguments := "", os.Args[1:]
	if len(arguments) == 4 {
		what, arguments = arguments[0], arguments[1:]
	}
	if len(arguments) != 3 {
		log.Fatal("usage: bench [near|cluster] SOCKET ROUNDS MILLISECONDS")
	}
	rounds, err := strconv.Atoi(arguments[1])
	check(err)
	milliseconds, err := strconv.ParseFloat(arguments[2], 64)
	check(err)
	length := time.Duration(milliseconds * float64(time.Millisecond))
	switch server := arguments[0]; what {
	case "near":
		sides, ours := nearSides(server)
		plan{"near-go", rounds, length}.compareAll(nearWorkloads, sides)
		ours.checkHits()
	case "cluster":
		plan{"cluster-go", rounds, length}.compareAll(clusterWorkloads, clusterSides(server))
	default:
		plan{"go", rounds, length}.compareAll(workloads, sidesOn(server))
	}
}

func sidesOn(socket string) []side {
	ours := newOurs(unix(socket), nil)
	goRedis := redis.NewClient(&redis.Options{Network: "unix", Addr: socket})
	return []side{
		{"go-redis", newGoRedis(goRedis, ours)},
		{"rueidis", newRueidis(onSocket(socket, rueidis.ClientOption{DisableCache: true}), ours)},
		{"ours", ours},
	}
}

func check(err error) {
	if err != nil {
		log.Fatal("bench: ", err)
	}
}

// keys are stem_0 to stem_99, each after a prefix.
func keys(prefix, stem string) []string {
	made := make([]string, many)
	for i := range made {
		made[i] = fmt.Sprintf("%s%s_%d", prefix, stem, i)
	}
	return made
}

func versions() string {
	found := []string{"Go " + strings.TrimPrefix(runtime.Version(), "go")}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if strings.HasPrefix(module.Path, "github.com/redis/") {
				name := strings.Split(module.Path, "/")[2]
				found = append(found, name+" "+strings.TrimPrefix(module.Version, "v"))
			}
		}
	}
	return strings.Join(found, ", ")
}
