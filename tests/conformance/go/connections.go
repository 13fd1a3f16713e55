package main

import (
	"context"
	"fmt"

	"djredis"
)

// borrowed is a connection between acquire and release: WithConn waits in a goroutine until then.
type borrowed struct {
	conn *djredis.Conn
	end  chan struct{}
	done chan error
}

func (d *driver) acquire(ctx context.Context, s step) error {
	conn := &borrowed{end: make(chan struct{}), done: make(chan error, 1)}
	ready := make(chan struct{})
	go func() {
		conn.done <- d.caches[s.Cache].WithConn(ctx, func(given *djredis.Conn) error {
			conn.conn = given
			close(ready)
			<-conn.end
			return nil
		})
	}()
	select {
	case <-ready:
		d.conns[s.Conn] = conn
		return nil
	case err := <-conn.done:
		return err
	}
}

func (conn *borrowed) release() error {
	close(conn.end)
	return <-conn.done
}

func (d *driver) raw(ctx context.Context, s step) (any, error) {
	if s.Do == "acquire" {
		return nil, d.acquire(ctx, s)
	}
	conn := d.conns[s.Conn]
	switch s.Do {
	case "release":
		delete(d.conns, s.Conn)
		return nil, conn.release()
	case "conn_command":
		reply, err := conn.conn.Command(ctx, arguments(s.Args)...)
		return plainAny(reply), err
	case "send":
		return nil, conn.conn.Send(ctx, arguments(s.Args)...)
	case "receive":
		reply, err := conn.conn.Receive(ctx)
		return plainAny(reply), err
	case "pipeline":
		return pipeline(ctx, conn.conn, s)
	}
	return nil, fmt.Errorf("unknown operation %s", s.Do)
}

func pipeline(ctx context.Context, conn *djredis.Conn, s step) (any, error) {
	commands := [][]any{}
	for _, command := range s.Commands {
		commands = append(commands, arguments(command))
	}
	run := conn.Pipeline
	if s.has("MULTI") {
		run = conn.Multi
	}
	replies, err := run(ctx, commands...)
	all := []any{}
	for _, reply := range replies {
		all = append(all, plainAny(reply))
	}
	return object{"items": all}, err
}
