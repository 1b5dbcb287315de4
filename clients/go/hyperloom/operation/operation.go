// Package operation builds the operations of a context diff, named as the verbs of a client.
package operation

import (
	"bytes"
	"fmt"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
	"hyperloom.dev/go/hyperloom/value"
)

// Operation is one change of one path. Make it with the functions of this package.
type Operation struct {
	message *hyperloomv1.Operation
	err     error
}

// Message is the operation as it travels; an error where it cannot be said, such as NaN in JSON.
func (o Operation) Message() (*hyperloomv1.Operation, error) { return o.message, o.err }

// Failed is an operation that could not be made: a publish with it fails with the error.
func Failed(err error) Operation { return Operation{err: err} }

// Leased is a lease that this process holds.
type Leased interface {
	// ID is the lease's id.
	ID() string
	// Check fails where the lease is lost or was ended.
	Check() error
}

// Scope says how far a removal goes.
type Scope int

// Subtree is a node and all below it, Node its own value only.
const (
	Subtree Scope = iota
	Node
)

// Put sets a value, whatever was there, and creates the node if needed. At most 2 MiB. See package value for what v can be.
func Put(path string, v any) Operation {
	encoded, err := value.Encode(v)
	return made(path, &hyperloomv1.Operation{Action: &hyperloomv1.Operation_Put{Put: encoded}}, err)
}

// BoundTo binds the node of a put to a lease, with whose end it is deleted. A put without it unbinds the node.
func (o Operation) BoundTo(lease Leased) Operation {
	if o.err == nil {
		o.err = lease.Check()
	}
	return o.BoundToID(lease.ID())
}

// BoundToID is BoundTo for a lease that another process holds.
func (o Operation) BoundToID(leaseID string) Operation {
	if o.message != nil {
		o.message.LeaseId = leaseID
	}
	return o
}

// Append adds to the end of a text (a string), of bytes ([]byte), or of a JSON array (a slice of items of any other type), and
// creates the node if needed. Given a message, it adds what its repeated fields hold to those of the node's message, also inside
// of messages that it holds. The broker refuses it with WRONG_TYPE where the node holds another kind of value.
func Append(path string, addition any) Operation {
	appended := &hyperloomv1.Append{}
	switch addition := addition.(type) {
	case string:
		appended.Addition = &hyperloomv1.Append_Text{Text: addition}
	case []byte:
		appended.Addition = &hyperloomv1.Append_Bytes{Bytes: bytes.Clone(addition)}
	case proto.Message:
		packed, err := anypb.New(addition)
		if err != nil {
			return Operation{err: err}
		}
		appended.Addition = &hyperloomv1.Append_Message{Message: packed}
	default:
		items, err := jsonItems(addition)
		if err != nil {
			return Operation{err: err}
		}
		appended.Addition = &hyperloomv1.Append_Items{Items: items}
	}
	return made(path, &hyperloomv1.Operation{Action: &hyperloomv1.Operation_Append{Append: appended}}, nil)
}

// Merge merges an RFC 7396 patch into a JSON object: null removes a key, objects merge, all else is set.
func Merge(path string, patch any) Operation {
	text, err := value.EncodeJSON(patch)
	merge := &hyperloomv1.Merge{JsonPatch: text}
	return made(path, &hyperloomv1.Operation{Action: &hyperloomv1.Operation_Merge{Merge: merge}}, err)
}

// MergeMessage merges a message into a message. With a mask of names of the proto, such as origin.url, those fields become what the
// patch says, and are cleared where it has not set them. Without one, what is set in it is merged as Protobuf merges: repeated
// fields are appended to.
func MergeMessage(path string, patch proto.Message, mask ...string) Operation {
	packed, err := anypb.New(patch)
	merge := &hyperloomv1.Merge{Message: packed}
	if len(mask) > 0 {
		merge.Mask = &fieldmaskpb.FieldMask{Paths: mask}
	}
	return made(path, &hyperloomv1.Operation{Action: &hyperloomv1.Operation_Merge{Merge: merge}}, err)
}

// IncrementField adds to a field of a message, by its name in the proto, such as usage.tokens.
func IncrementField(path, field string, amount int64) Operation {
	return increment(path, &hyperloomv1.Increment{Field: field, Amount: &hyperloomv1.Increment_Integer{Integer: amount}})
}

// IncrementFieldReal adds a double to a field of a message that is a double or a float.
func IncrementFieldReal(path, field string, amount float64) Operation {
	return increment(path, &hyperloomv1.Increment{Field: field, Amount: &hyperloomv1.Increment_Real{Real: amount}})
}

// Increment adds to a number, exactly, in 64 bits. A node that does not exist counts as 0. The broker refuses it with
// WRONG_TYPE on other values, and OUT_OF_BOUNDS where the sum leaves its range.
func Increment(path string, amount int64) Operation {
	return increment(path, &hyperloomv1.Increment{Amount: &hyperloomv1.Increment_Integer{Integer: amount}})
}

// IncrementReal adds a double.
func IncrementReal(path string, amount float64) Operation {
	return increment(path, &hyperloomv1.Increment{Amount: &hyperloomv1.Increment_Real{Real: amount}})
}

// Delete removes a node and all below it, or its own value alone. Removing what is not there is no error.
func Delete(path string, scope Scope) Operation {
	message := &hyperloomv1.Delete{Scope: hyperloomv1.DeleteScope_DELETE_SCOPE_SUBTREE}
	if scope == Node {
		message.Scope = hyperloomv1.DeleteScope_DELETE_SCOPE_NODE
	}
	return made(path, &hyperloomv1.Operation{Action: &hyperloomv1.Operation_Delete{Delete: message}}, nil)
}

// Copy puts a copy of a subtree at target, as of a trunk revision; 0: as the diff itself sees it.
func Copy(source, target string, revision uint64) Operation {
	message := &hyperloomv1.Copy{SourcePath: source, SourceRevision: revision}
	return made(target, &hyperloomv1.Operation{Action: &hyperloomv1.Operation_Copy{Copy: message}}, nil)
}

func increment(path string, message *hyperloomv1.Increment) Operation {
	return made(path, &hyperloomv1.Operation{Action: &hyperloomv1.Operation_Increment{Increment: message}}, nil)
}

func made(path string, message *hyperloomv1.Operation, err error) Operation {
	if err != nil {
		return Operation{err: fmt.Errorf("the value for %s: %w", path, err)}
	}
	message.Path = path
	return Operation{message: message}
}
