package main

import (
	"context"
	"errors"

	"github.com/nats-io/nats.go"
)

// errKeepsNothing is what NATS without JetStream has to say to all that is not publishing.
var errKeepsNothing = errors.New("NATS core keeps nothing")

// natsCore hands on what is published to those who listen, and keeps none of it.
type natsCore struct {
	address    string
	connection *nats.Conn
}

func openNatsCore(_ context.Context, address string, _ load) (store, error) {
	connection, err := nats.Connect(address)
	if err != nil {
		return nil, err
	}
	return &natsCore{address: address, connection: connection}, nil
}

func (n *natsCore) Publish(_ context.Context, key, value string) error {
	return n.connection.Publish(subject(key), []byte(value))
}

// Settled returns when the server has all that was published.
func (n *natsCore) Settled() error { return n.connection.Flush() }

func (n *natsCore) Watch(_ context.Context, prefix string, each func(value string)) (func(), error) {
	connection, err := nats.Connect(n.address)
	if err != nil {
		return nil, err
	}
	_, err = connection.Subscribe(subject(prefix)+".>", func(message *nats.Msg) { each(string(message.Data)) })
	if err != nil {
		connection.Close()
		return nil, err
	}
	return connection.Close, nil
}

func (n *natsCore) Put(context.Context, string, string) error { return errKeepsNothing }

func (n *natsCore) Get(context.Context, string) error { return errKeepsNothing }

func (n *natsCore) Append(context.Context, string, string) error { return errKeepsNothing }

func (n *natsCore) Appended(context.Context, string) (int, error) { return 0, errKeepsNothing }

func (n *natsCore) Stage(context.Context, []string, string, bool) error { return errKeepsNothing }

func (n *natsCore) Close() { n.connection.Close() }
