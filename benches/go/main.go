// djredis beside go-redis and rueidis, in one process, round by round.
//
//	bench SOCKET ROUNDS MILLISECONDS    of each round; prints JSON lines, see benches/README.md
//	bench near SOCKET ROUNDS MILLISECONDS    the same for hits of the near cache
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
	near := len(os.Args) > 1 && os.Args[1] == "near"
	arguments := os.Args[1:]
	if near {
		arguments = arguments[1:]
	}
	if len(arguments) != 3 {
		log.Fatal("usage: bench [near] SOCKET ROUNDS MILLISECONDS")
	}
	rounds, err := strconv.Atoi(arguments[1])
	check(err)
	milliseconds, err := strconv.ParseFloat(arguments[2], 64)
	check(err)
	length := time.Duration(milliseconds * float64(time.Millisecond))
	if near {
		sides, ours := nearSides(arguments[0])
		plan{"near-go", rounds, length}.compareAll(nearWorkloads, sides)
		ours.checkHits()
		return
	}
	ours := newOurs(arguments[0], nil)
	plan{"go", rounds, length}.compareAll(workloads, []side{
		{"go-redis", newGoRedis(arguments[0], ours)},
		{"rueidis", newRueidis(arguments[0], ours, rueidis.ClientOption{DisableCache: true})},
		{"ours", ours},
	})
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
