package main

import (
	"fmt"

	"djredis"
)

// User is the dict of benches/python/user.py.
type User struct {
	ID        int      `djredis:"id"`
	Username  string   `djredis:"username"`
	Email     string   `djredis:"email"`
	FirstName string   `djredis:"first_name"`
	LastName  string   `djredis:"last_name"`
	IsActive  bool     `djredis:"is_active"`
	IsStaff   bool     `djredis:"is_staff"`
	Score     float64  `djredis:"score"`
	Balance   int64    `djredis:"balance"`
	City      string   `djredis:"city"`
	Street    string   `djredis:"street"`
	Zip       string   `djredis:"zip"`
	Country   string   `djredis:"country"`
	Phone     string   `djredis:"phone"`
	Language  string   `djredis:"language"`
	Theme     string   `djredis:"theme"`
	Visits    int      `djredis:"visits"`
	LastIP    string   `djredis:"last_ip"`
	Bio       string   `djredis:"bio"`
	Groups    []string `djredis:"groups"`
}

// ours is typed: texts, and the dict into a struct.
type ours struct {
	cache *djredis.Cache
	keys  []string
	fresh map[string]any
}

// unix is the location of a server with this socket.
func unix(socket string) string { return "unix:" + socket + ":0" }

func newOurs(location string, extra map[string]string) *ours {
	cache, err := djredis.Open(location, djredis.Options{Timeout: ttl, Extra: extra})
	check(err)
	o := &ours{cache, keys("", "many"), map[string]any{}}
	for _, key := range keys("", "new") {
		o.fresh[key] = text
	}
	var user User
	check(cache.Get(ctx, "user", &user))
	if user.City != "London" || len(user.Groups) != 3 {
		check(fmt.Errorf("the user is %+v", user))
	}
	return o
}

func (o *ours) getText() error {
	got, err := djredis.Get[string](ctx, o.cache, "text")
	if err == nil && got != text {
		return fmt.Errorf("the text is %q", got)
	}
	return err
}

func (o *ours) getDict() error {
	var user User
	return o.cache.Get(ctx, "user", &user)
}

func (o *ours) setText() error { return o.cache.Set(ctx, "new", text) }

func (o *ours) getMany() error {
	_, err := djredis.GetMany[string](ctx, o.cache, o.keys)
	return err
}

func (o *ours) setMany() error { return o.cache.SetMany(ctx, o.fresh) }

func (o *ours) incr() error {
	_, err := o.cache.Incr(ctx, "visits", 1)
	return err
}

// pickled is the text as it is stored.
func (o *ours) pickled() []byte {
	stored, err := o.cache.Encode(text)
	check(err)
	return stored
}
