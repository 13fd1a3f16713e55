package main

import (
	"crypto/tls"
	"net"

	"github.com/redis/rueidis"
)

type rueidisClient struct {
	client      rueidis.Client
	keys, fresh []string
	pickled     string
}

// onSocket lets rueidis connect to a unix socket.
func onSocket(socket string, options rueidis.ClientOption) rueidis.ClientOption {
	options.InitAddress = []string{socket}
	options.DialFn = func(_ string, dialer *net.Dialer, _ *tls.Config) (net.Conn, error) {
		return dialer.Dial("unix", socket)
	}
	return options
}

func newRueidis(options rueidis.ClientOption, o *ours) *rueidisClient {
	client, err := rueidis.NewClient(options)
	check(err)
	return &rueidisClient{client, keys(":1:", "many"), keys(":1:", "new"), string(o.pickled())}
}

func (r *rueidisClient) get(key string) error {
	_, err := r.client.Do(ctx, r.client.B().Get().Key(key).Build()).ToString()
	return err
}

func (r *rueidisClient) getText() error { return r.get(":1:text") }

func (r *rueidisClient) getDict() error { return r.get(":1:user") }

func (r *rueidisClient) set(key string) rueidis.Completed {
	return r.client.B().Set().Key(key).Value(r.pickled).Px(ttl).Build()
}

func (r *rueidisClient) setText() error { return r.client.Do(ctx, r.set(":1:new")).Error() }

func (r *rueidisClient) getMany() error {
	_, err := r.client.Do(ctx, r.client.B().Mget().Key(r.keys...).Build()).AsStrSlice()
	return err
}

func (r *rueidisClient) setMany() error {
	commands := make(rueidis.Commands, 0, many)
	for _, key := range r.fresh {
		commands = append(commands, r.set(key))
	}
	for _, result := range r.client.DoMulti(ctx, commands...) {
		if err := result.Error(); err != nil {
			return err
		}
	}
	return nil
}

func (r *rueidisClient) incr() error {
	return r.client.Do(ctx, r.client.B().Incrby().Key(":1:visits").Increment(1).Build()).Error()
}
