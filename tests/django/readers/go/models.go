package main

import (
	"strings"
	"time"

	"djredis"
)

// Book is a model instance: Get fills a struct from a record's fields, by their names.
type Book struct {
	ID        int64           `djredis:"id"`
	AuthorID  int64           `djredis:"author_id"`
	Title     string          `djredis:"title"`
	Price     djredis.Decimal `djredis:"price"`
	Published time.Time       `djredis:"published"`
	ISBN      djredis.UUID    `djredis:"isbn"`
	Details   map[string]any  `djredis:"details"`
	InPrint   bool            `djredis:"in_print"`
	// Genre is a text, or the record of the enum's member where Django has not read it back from its database.
	Genre any           `djredis:"genre"`
	Loan  time.Duration `djredis:"loan"`
	Cover []byte        `djredis:"cover"`
	// State holds what was fetched with the instance.
	State struct {
		Related struct {
			Author *Author `djredis:"author"`
		} `djredis:"fields_cache"`
	} `djredis:"_state"`
}

// Author is who wrote a book.
type Author struct {
	Name string       `djredis:"name"`
	Born djredis.Date `djredis:"born"`
}

// QuerySet is a pickled QuerySet, which Django runs when it is cached.
type QuerySet[Row any] struct {
	Rows []Row `djredis:"_result_cache"`
}

// Page is a response of the cache middleware.
type Page struct {
	Content [][]byte `djredis:"_container"`
	Headers struct {
		Store map[string][2]string `djredis:"_store"`
	} `djredis:"headers"`
}

func (b Book) shown() any {
	fields := map[string]any{
		"id": b.ID, "author_id": b.AuthorID, "title": b.Title, "price": shown(b.Price), "published": shown(b.Published),
		"isbn": shown(b.ISBN), "details": shown(b.Details), "in_print": b.InPrint, "genre": shown(b.Genre),
		"loan": shown(b.Loan), "cover": nil, "author": nil,
	}
	if b.Cover != nil {
		fields["cover"] = shown(b.Cover)
	}
	if b.State.Related.Author != nil {
		fields["author"] = b.State.Related.Author.Name
	}
	return fields
}

func (p Page) shown() any {
	var content strings.Builder
	for _, part := range p.Content {
		content.Write(part)
	}
	headers := map[string]string{}
	for _, header := range p.Headers.Store {
		headers[header[0]] = header[1]
	}
	return map[string]any{"content": content.String(), "headers": headers}
}
