// The Go driver: generated messages over grpc-go; and the SDK.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"runtime"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protodelim"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	driverpb "hyperloom.dev/go/conformance/gen"
	_ "hyperloom.dev/go/gen/hyperloom/v1" // registers the messages and services
)

// call is one under way. Its messages go through a queue, so that a call that does not take them holds up no other.
type call struct {
	method   protoreflect.MethodDescriptor
	requests chan proto.Message
	finish   func()
	cancel   context.CancelFunc
}

type driver struct {
	events  *bufio.Writer
	lock    sync.Mutex
	clients map[uint32]*grpc.ClientConn
	tokens  map[uint32]string
	calls   map[uint64]*call

	addresses map[uint32]string
	sessions  map[uint32]*session
	sdkCalls  map[uint64]context.CancelFunc
}

func main() {
	d := &driver{
		events:  bufio.NewWriter(os.Stdout),
		clients: map[uint32]*grpc.ClientConn{},
		tokens:  map[uint32]string{},
		calls:   map[uint64]*call{},

		addresses: map[uint32]string{},
		sessions:  map[uint32]*session{},
		sdkCalls:  map[uint64]context.CancelFunc{},
	}
	name := fmt.Sprintf("Go, grpc-go %s, %s", grpc.Version, runtime.Version())
	ready := &driverpb.DriverReady{Client: name, Sdk: "hyperloom.dev/go/hyperloom"}
	d.say(&driverpb.DriverResponse{Event: &driverpb.DriverResponse_Ready{Ready: ready}})
	commands := bufio.NewReader(os.Stdin)
	for {
		request := &driverpb.DriverRequest{}
		err := protodelim.UnmarshalOptions{MaxSize: -1}.UnmarshalFrom(commands, request)
		if err == io.EOF {
			return
		}
		if err == nil {
			err = d.obey(request)
		}
		if err != nil {
			log.Fatal(err)
		}
	}
}

func (d *driver) obey(request *driverpb.DriverRequest) error {
	switch command := request.Command.(type) {
	case *driverpb.DriverRequest_Connect:
		return d.connect(command.Connect)
	case *driverpb.DriverRequest_Disconnect:
		client := d.clients[command.Disconnect.Client]
		delete(d.clients, command.Disconnect.Client)
		if s := d.sessions[command.Disconnect.Client]; s != nil {
			delete(d.sessions, command.Disconnect.Client)
			go s.close()
		}
		return client.Close()
	case *driverpb.DriverRequest_Start:
		return d.start(command.Start)
	case *driverpb.DriverRequest_Send:
		// The call may have ended while the command was on its way: then there is nothing left to do.
		if c := d.find(command.Send.Call); c != nil {
			return c.send(command.Send.Message)
		}
	case *driverpb.DriverRequest_Finish:
		if c := d.find(command.Finish.Call); c != nil {
			c.finish()
		}
	case *driverpb.DriverRequest_Cancel:
		if c := d.find(command.Cancel.Call); c != nil {
			c.cancel()
		}
		d.lock.Lock()
		giveUp := d.sdkCalls[command.Cancel.Call]
		d.lock.Unlock()
		if giveUp != nil {
			giveUp()
		}
	case *driverpb.DriverRequest_Sdk:
		return d.startSdk(command.Sdk)
	default:
		return fmt.Errorf("an unknown command")
	}
	return nil
}

func (d *driver) connect(command *driverpb.Connect) error {
	parameters := grpc.ConnectParams{
		Backoff:           backoff.Config{BaseDelay: 50 * time.Millisecond, Multiplier: 1.6, MaxDelay: 2 * time.Second},
		MinConnectTimeout: 20 * time.Second,
	}
	sizes := grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(1<<30), grpc.MaxCallSendMsgSize(1<<30))
	client, err := grpc.NewClient(command.Address,
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithConnectParams(parameters), sizes)
	d.clients[command.Client] = client
	d.addresses[command.Client] = command.Address
	d.tokens[command.Client] = command.Token
	return err
}

// start begins a call. To gRPC's wire every call is a stream of messages each way; a unary call is one with a single message.
func (d *driver) start(command *driverpb.StartCall) error {
	method, err := methodOf(command.Method)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), command.Timeout.AsDuration())
	if token := d.tokens[command.Client]; token != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
	}
	requests := make(chan proto.Message, 1024)
	c := &call{method: method, requests: requests, cancel: cancel, finish: sync.OnceFunc(func() { close(requests) })}
	d.lock.Lock()
	d.calls[command.Call] = c
	d.lock.Unlock()
	client := d.clients[command.Client]
	if command.Request != nil {
		if err := c.send(command.Request); err != nil {
			return err
		}
		c.finish()
	}
	go d.run(ctx, client, command, c)
	return nil
}

func (d *driver) run(ctx context.Context, client *grpc.ClientConn, command *driverpb.StartCall, c *call) {
	defer c.cancel()
	err := d.exchange(ctx, client, command, c)
	d.lock.Lock()
	delete(d.calls, command.Call)
	d.lock.Unlock()
	ended := &driverpb.CallEnded{Call: command.Call}
	if result := status.Convert(err); err != nil {
		ended.Code = int32(result.Code())
		ended.Message = result.Message()
		if len(result.Proto().Details) > 0 {
			ended.Status, _ = proto.Marshal(result.Proto())
		}
	}
	d.say(&driverpb.DriverResponse{Event: &driverpb.DriverResponse_Ended{Ended: ended}})
}

// exchange sends what is to be sent and tells what comes, until the call ends.
func (d *driver) exchange(ctx context.Context, client *grpc.ClientConn, command *driverpb.StartCall, c *call) error {
	description := &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}
	stream, err := client.NewStream(ctx, description, "/"+command.Method)
	if err != nil {
		return err
	}
	go func() {
		for message := range c.requests {
			if stream.SendMsg(message) != nil {
				return // Receiving says why.
			}
		}
		_ = stream.CloseSend()
	}()
	for {
		message := newMessage(c.method.Output())
		if err := stream.RecvMsg(message); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		data, err := proto.Marshal(message)
		if err != nil {
			return err
		}
		received := &driverpb.MessageReceived{Call: command.Call, Message: data}
		d.say(&driverpb.DriverResponse{Event: &driverpb.DriverResponse_Received{Received: received}})
	}
}

func (c *call) send(data []byte) error {
	message := newMessage(c.method.Input())
	if err := proto.Unmarshal(data, message); err != nil {
		return err
	}
	c.requests <- message
	return nil
}

// startSdk begins a call of the SDK.
func (d *driver) startSdk(command *driverpb.SdkCall) error {
	used := d.sessions[command.Client]
	if used == nil {
		used = &session{
			address: d.addresses[command.Client], handles: map[string]any{}, said: map[string]chan struct{}{},
			tokens: map[string]string{},
		}
		d.sessions[command.Client] = used
	}
	var given arguments
	if err := json.Unmarshal(command.Arguments, &given); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	d.lock.Lock()
	d.sdkCalls[command.Call] = cancel
	d.lock.Unlock()
	go func() {
		defer cancel()
		result, err := used.call(ctx, command.Target, command.Verb, command.Handle, given)
		d.lock.Lock()
		delete(d.sdkCalls, command.Call)
		d.lock.Unlock()
		if err != nil {
			failed := &driverpb.SdkFailed{Call: command.Call, Error: asJSON(tellError(err))}
			d.say(&driverpb.DriverResponse{Event: &driverpb.DriverResponse_Failed{Failed: failed}})
			return
		}
		returned := &driverpb.SdkReturned{Call: command.Call, Result: asJSON(result)}
		d.say(&driverpb.DriverResponse{Event: &driverpb.DriverResponse_Returned{Returned: returned}})
	}()
	return nil
}

func asJSON(told any) []byte {
	text, err := json.Marshal(told)
	if err != nil {
		log.Fatal(err)
	}
	return text
}

func (d *driver) find(number uint64) *call {
	d.lock.Lock()
	defer d.lock.Unlock()
	return d.calls[number]
}

func (d *driver) say(response *driverpb.DriverResponse) {
	d.lock.Lock()
	defer d.lock.Unlock()
	if _, err := protodelim.MarshalTo(d.events, response); err != nil {
		log.Fatal(err)
	}
	if err := d.events.Flush(); err != nil {
		log.Fatal(err)
	}
}

// methodOf finds a method such as `hyperloom.v1.ContextService/Publish`.
func methodOf(path string) (protoreflect.MethodDescriptor, error) {
	for i := range path {
		if path[i] != '/' {
			continue
		}
		service, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(path[:i]))
		if err != nil {
			return nil, err
		}
		if method := service.(protoreflect.ServiceDescriptor).Methods().ByName(protoreflect.Name(path[i+1:])); method != nil {
			return method, nil
		}
	}
	return nil, fmt.Errorf("no method %s", path)
}

// newMessage makes one of the generated type.
func newMessage(descriptor protoreflect.MessageDescriptor) proto.Message {
	generated, err := protoregistry.GlobalTypes.FindMessageByName(descriptor.FullName())
	if err != nil {
		log.Fatal(err)
	}
	return generated.New().Interface()
}
