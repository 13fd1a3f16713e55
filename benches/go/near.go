package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/rueidis"
)

const nearBytes = 64 << 20

// The workloads of hits: ours in the near cache, rueidis's in its client-side cache.
var nearWorkloads = []workload{
	{"get text", client.getText, 1},
	{"get text, 64 goroutines", client.getText, 64},
}

// nearRueidis reads with DoCache.
type nearRueidis struct{ *rueidisClient }

func (r nearRueidis) getText() error {
	got, err := r.client.DoCache(ctx, r.client.B().Get().Key(":1:text").Cache(), time.Hour).ToString()
	if err == nil && !strings.Contains(got, text) {
		return fmt.Errorf("the text is %q", got)
	}
	return err
}

func nearSides(socket string) (sides []side, ours *ours) {
	ours = newOurs(unix(socket), map[string]string{"NEAR_CACHE": strconv.Itoa(nearBytes)})
	return []side{{"rueidis", nearRueidis{newRueidis(onSocket(socket, rueidis.ClientOption{}), ours)}}, {"ours", ours}}, ours
}

// checkHits ends the program if many reads of ours were asked of the server.
func (o *ours) checkHits() {
	stats, err := o.cache.Stats()
	check(err)
	if stats.NearMisses*100 > stats.NearHits {
		check(fmt.Errorf("%d reads were no hits, and %d were", stats.NearMisses, stats.NearHits))
	}
}
