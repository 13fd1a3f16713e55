// The Go part of `make demo`: works in the cache that a Django site fills.
//
//	demo LOCATION work    read what Django wrote, count, add, write
//	demo LOCATION lock    take the lock "import" for a minute; status 3 if somebody has it
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"djredis"
)

const taken = 3

// User is the dict that Django stored.
type User struct {
	Name   string    `djredis:"name"`
	Age    int       `djredis:"age"`
	Admin  bool      `djredis:"admin"`
	Score  float64   `djredis:"score"`
	Roles  []string  `djredis:"roles"`
	Joined time.Time `djredis:"joined"`
}

// Member becomes a dict.
type Member struct {
	Name   string   `djredis:"name"`
	Langs  []string `djredis:"langs"`
	Height float64  `djredis:"height"`
	Admin  bool     `djredis:"admin"`
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: demo LOCATION work|lock")
	}
	cache, err := djredis.Open(os.Args[1], djredis.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer cache.Close()

	ctx := context.Background()
	switch os.Args[2] {
	case "work":
		err = work(ctx, cache)
	case "lock":
		err = lock(ctx, cache)
	default:
		err = fmt.Errorf("there is no %q: say work or lock", os.Args[2])
	}
	if errors.Is(err, djredis.ErrMiss) {
		os.Exit(taken)
	}
	if err != nil {
		log.Fatal(err)
	}
}

func say(call string, result any) {
	fmt.Printf("    Go      %s: %+v\n", call, result)
}

func work(ctx context.Context, cache *djredis.Cache) error {
	var user User
	if err := cache.Get(ctx, "user:42", &user); err != nil {
		return err
	}
	say(`Get("user:42", &user)`, user)

	visits, err := cache.Incr(ctx, "visits", 1)
	if err != nil {
		return err
	}
	say(`Incr("visits", 1)`, visits)

	if err := cache.Add(ctx, "leader", "Go"); err != nil {
		return err
	}
	say(`Add("leader", "Go")`, "stored")

	grace := Member{Name: "Grace", Langs: []string{"cobol", "go"}, Height: 1.68}
	if err := cache.Set(ctx, "from_go", grace); err != nil {
		return err
	}
	say(`Set("from_go", member)`, grace)
	return nil
}

// lock leaves the lock to its time to live: the next program is to find it taken.
func lock(ctx context.Context, cache *djredis.Cache) error {
	_, err := cache.Lock(ctx, "import", time.Minute)
	if errors.Is(err, djredis.ErrMiss) {
		say(`Lock("import")`, "somebody has it")
	} else if err == nil {
		say(`Lock("import")`, "taken")
	}
	return err
}
