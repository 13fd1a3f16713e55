package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"
)

const warmUp = 80

// side is a peer, or "ours".
type side struct {
	name   string
	client client
}

// cost is in microseconds per call.
type cost struct{ wall, cpu float64 }

type plan struct {
	language string
	rounds   int
	round    time.Duration
}

func (p plan) compareAll(workloads []workload, sides []side) {
	emit(map[string]any{"language": p.language, "versions": versions()})
	for _, work := range workloads {
		p.compare(work.name, sides, work.run, work.threads)
	}
}

// compare lets the sides take turns, every other round in the opposite order, and prints a line for each peer.
func (p plan) compare(workload string, sides []side, run func(client) error, threads int) {
	calls := p.calls(sides, run, threads)
	found := map[string][]cost{}
	order := slices.Clone(sides)
	for range p.rounds {
		for _, s := range order {
			found[s.name] = append(found[s.name], measure(s.client, run, calls, threads))
		}
		slices.Reverse(order)
	}
	for _, s := range sides {
		if s.name != "ours" {
			p.report(workload, s.name, found[s.name], found["ours"])
		}
	}
}

// calls is how many take one round, for the sides' mean; a multiple of the threads.
func (p plan) calls(sides []side, run func(client) error, threads int) int {
	var sum float64
	for _, s := range sides {
		repeat(s.client, run, warmUp, threads)
		sum += measure(s.client, run, warmUp, threads).wall
	}
	mean := sum / float64(len(sides))
	return max(1, int(float64(p.round.Microseconds())/mean)/threads) * threads
}

func measure(c client, run func(client) error, calls, threads int) cost {
	wall, cpu := time.Now(), cpuTime()
	repeat(c, run, calls, threads)
	per := float64(calls) * float64(time.Microsecond)
	return cost{float64(time.Since(wall)) / per, float64(cpuTime()-cpu) / per}
}

func repeat(c client, run func(client) error, calls, threads int) {
	share := func() {
		for range calls / threads {
			check(run(c))
		}
	}
	if threads == 1 {
		share()
		return
	}
	var all sync.WaitGroup
	for range threads {
		all.Go(share)
	}
	all.Wait()
}

// cpuTime is what this process has used, in user mode and in the kernel.
func cpuTime() time.Duration {
	var used syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func (p plan) report(workload, peer string, theirs, ours []cost) {
	emit(map[string]any{
		"language": p.language, "workload": workload, "peer": peer,
		"peer_us":  median(theirs, func(i int) float64 { return theirs[i].wall }),
		"ours_us":  median(ours, func(i int) float64 { return ours[i].wall }),
		"ratio":    median(ours, func(i int) float64 { return theirs[i].wall / ours[i].wall }),
		"peer_cpu": median(theirs, func(i int) float64 { return theirs[i].cpu }),
		"ours_cpu": median(ours, func(i int) float64 { return ours[i].cpu }),
	})
}

func median(costs []cost, of func(int) float64) float64 {
	numbers := make([]float64, len(costs))
	for i := range numbers {
		numbers[i] = of(i)
	}
	slices.Sort(numbers)
	return (numbers[(len(numbers)-1)/2] + numbers[len(numbers)/2]) / 2
}

func emit(line map[string]any) {
	text, err := json.Marshal(line)
	check(err)
	fmt.Fprintln(os.Stdout, string(text))
}
