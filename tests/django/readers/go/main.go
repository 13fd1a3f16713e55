// A Go program that shares a Django site's cache: reader LOCATION NAME=VALUE...
// Its commands are those of reader.rb; `mark` writes "from_go".
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"

	"djredis"
)

func main() {
	log.SetFlags(0)
	options := djredis.Options{Extra: map[string]string{}}
	for _, option := range os.Args[2:] {
		name, value, _ := strings.Cut(option, "=")
		options.Extra[name] = value
	}
	cache, err := djredis.Open(os.Args[1], options)
	if err != nil {
		log.Fatal(err)
	}
	defer cache.Close()
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		answer, err := do(cache, strings.Split(lines.Text(), "\t"))
		if err != nil {
			log.Fatalf("%s: %v", lines.Text(), err)
		}
		text, err := json.Marshal(answer)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(string(text))
	}
}

func do(cache *djredis.Cache, words []string) (any, error) {
	ctx := context.Background()
	command, key := words[0], words[1]
	switch command {
	case "show":
		value, err := djredis.Get[any](ctx, cache, key)
		return shown(value), err
	case "book":
		book, err := djredis.Get[Book](ctx, cache, key)
		return book.shown(), err
	case "books":
		books, err := djredis.Get[[]Book](ctx, cache, key)
		return each(books, Book.shown), err
	case "queryset":
		set, err := djredis.Get[QuerySet[Book]](ctx, cache, key)
		return each(set.Rows, Book.shown), err
	case "rows":
		set, err := djredis.Get[QuerySet[any]](ctx, cache, key)
		return each(set.Rows, shown), err
	case "page":
		page, err := djredis.Get[Page](ctx, cache, key)
		return page.shown(), err
	case "mark":
		return nil, mark(ctx, cache, key)
	case "edit":
		return nil, edit(ctx, cache, key, words[2])
	case "copy":
		return nil, copyTo(ctx, cache, key, words[2])
	}
	return nil, fmt.Errorf("there is no command %s", command)
}
