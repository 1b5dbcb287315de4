package hyperloom

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"hyperloom.dev/go/hyperloom/operation"
	"hyperloom.dev/go/hyperloom/precondition"
)

// PathVariables is what protoc-gen-hyperloom writes for each message with a path: a struct with a field for each of its variables.
type PathVariables interface {
	// PathVariables returns the variables in their order in the path.
	PathVariables() []string
}

// Variables are the variables of a path by name, where no generated struct has them as fields.
type Variables map[string]string

// NodeType is a message and the variables of its paths. protoc-gen-hyperloom writes one for each message; [NodeTypeFor] makes one of a
// message alone.
type NodeType[Message proto.Message, Vars any] struct {
	path     string // As generated; empty: whatever the message's option says.
	valuesOf func(template pathTemplate, variables Vars) ([]string, error)
	varsOf   func(template pathTemplate, values []string) Vars
}

// NodeTypeOf is for generated code.
func NodeTypeOf[Message proto.Message, Vars PathVariables](path string, variables func([]string) Vars) NodeType[Message, Vars] {
	return NodeType[Message, Vars]{
		path:     path,
		valuesOf: func(_ pathTemplate, from Vars) ([]string, error) { return from.PathVariables(), nil },
		varsOf:   func(_ pathTemplate, values []string) Vars { return variables(values) },
	}
}

// NodeTypeFor is the type of a message whose variables are known at run time only:
//
//	notes := hyperloom.Typed(client, hyperloom.NodeTypeFor[*acmev1.ResearchNote]())
//	notes.Put(ctx, hyperloom.Variables{"session": "s1", "note": "n1"}, note)
func NodeTypeFor[Message proto.Message]() NodeType[Message, Variables] {
	return NodeType[Message, Variables]{
		valuesOf: func(template pathTemplate, from Variables) ([]string, error) {
			for name := range from {
				if !slices.Contains(template.names, name) {
					return nil, fmt.Errorf("%s has no variable %s; its variables: %s", template.text, name, strings.Join(template.names, ", "))
				}
			}
			values := make([]string, len(template.names))
			for index, name := range template.names {
				values[index] = from[name]
			}
			return values, nil
		},
		varsOf: func(template pathTemplate, values []string) Variables {
			variables := make(Variables, len(values))
			for index, name := range template.names {
				variables[name] = values[index]
			}
			return variables
		},
	}
}

// Target is what typed nodes are read and written through: a [*Client], a [*Ghost] or a [*Lock].
type Target interface {
	target() *verbs
}

func (v *verbs) target() *verbs { return v }

// Nodes are the nodes that hold one type of message, by the variables of their paths. Its methods fail with [ErrInvalidRequest] for
// variables that are missing, unknown or no segment of a path, before anything is sent.
type Nodes[Message proto.Message, Vars any] struct {
	verbs    *verbs
	nodeType NodeType[Message, Vars]
	template pathTemplate
	err      error // Why it is of no use: every method fails with it.
}

// Typed are the nodes of one type in a client's forest, in a ghost or under a lock:
//
//	notes := hyperloom.Typed(client, acmev1.ResearchNoteNode)
//	notes.Put(ctx, acmev1.ResearchNoteVariables{Session: "s1", Note: "n1"}, &acmev1.ResearchNote{Claim: "water is wet"})
func Typed[Message proto.Message, Vars any](target Target, nodeType NodeType[Message, Vars]) *Nodes[Message, Vars] {
	nodes := &Nodes[Message, Vars]{verbs: target.target(), nodeType: nodeType}
	var none Message
	if any(none) == nil {
		nodes.err = errInvalid(fmt.Errorf("a node's type is a generated message, not %T", &none))
		return nodes
	}
	template, err := templateOf(none.ProtoReflect().Descriptor())
	if err == nil && nodeType.path != "" && nodeType.path != template.text {
		name := none.ProtoReflect().Descriptor().FullName()
		err = fmt.Errorf("%s is at %s now: generate its node type again, which says %s", name, template.text, nodeType.path)
	}
	if err != nil {
		nodes.err = errInvalid(err)
	}
	nodes.template = template
	return nodes
}

// Path is the path for variables.
func (n *Nodes[Message, Vars]) Path(variables Vars) (string, error) {
	values, err := n.values(variables)
	if err != nil {
		return "", err
	}
	path, err := n.template.path(values)
	if err != nil {
		return "", errInvalid(err)
	}
	return path, nil
}

// VariablesOf are the variables in a path; false where it is none of these.
func (n *Nodes[Message, Vars]) VariablesOf(path string) (Vars, bool) {
	values, ok := n.template.values(path)
	if !ok || n.err != nil {
		var none Vars
		return none, false
	}
	return n.nodeType.varsOf(n.template, values), true
}

// Put sets a value, if the preconditions hold. It fails with [ErrSchemaViolation] where the value breaks a rule of its schema.
func (n *Nodes[Message, Vars]) Put(
	ctx context.Context, variables Vars, value Message, preconditions ...precondition.Precondition,
) (Published, error) {
	return n.publish(ctx, n.Putting(variables, value), preconditions)
}

// Delete removes a node and all below it, if the preconditions hold.
func (n *Nodes[Message, Vars]) Delete(
	ctx context.Context, variables Vars, preconditions ...precondition.Precondition,
) (Published, error) {
	return n.publish(ctx, n.Deleting(variables), preconditions)
}

// Putting is the operation of Put, for a diff with several.
func (n *Nodes[Message, Vars]) Putting(variables Vars, value Message) operation.Operation {
	return n.at(variables, func(path string) operation.Operation { return operation.Put(path, value) })
}

// Deleting is the operation of Delete, for a diff with several.
func (n *Nodes[Message, Vars]) Deleting(variables Vars) operation.Operation {
	return n.at(variables, func(path string) operation.Operation { return operation.Delete(path, operation.Subtree) })
}

// Merge merges into the message: the fields of the mask, by their names in the proto, such as review.verdict, become what the patch says;
// without a mask what is set in it is merged. See [operation.MergeMessage].
func (n *Nodes[Message, Vars]) Merge(
	ctx context.Context, variables Vars, patch Message, mask []string, preconditions ...precondition.Precondition,
) (Published, error) {
	return n.publish(ctx, n.Merging(variables, patch, mask...), preconditions)
}

// Append adds what the repeated fields of the addition hold to the ends of those of the node.
func (n *Nodes[Message, Vars]) Append(
	ctx context.Context, variables Vars, addition Message, preconditions ...precondition.Precondition,
) (Published, error) {
	return n.publish(ctx, n.Appending(variables, addition), preconditions)
}

// Increment adds to a field that is an integer, by its name in the proto; a node or field that is not there counts as 0.
func (n *Nodes[Message, Vars]) Increment(
	ctx context.Context, variables Vars, field string, amount int64, preconditions ...precondition.Precondition,
) (Published, error) {
	return n.publish(ctx, n.Incrementing(variables, field, amount), preconditions)
}

// Merging is the operation of Merge, for a diff with several.
func (n *Nodes[Message, Vars]) Merging(variables Vars, patch Message, mask ...string) operation.Operation {
	return n.at(variables, func(path string) operation.Operation { return operation.MergeMessage(path, patch, mask...) })
}

// Appending is the operation of Append, for a diff with several.
func (n *Nodes[Message, Vars]) Appending(variables Vars, addition Message) operation.Operation {
	return n.at(variables, func(path string) operation.Operation { return operation.Append(path, addition) })
}

// Incrementing is the operation of Increment, for a diff with several.
func (n *Nodes[Message, Vars]) Incrementing(variables Vars, field string, amount int64) operation.Operation {
	return n.at(variables, func(path string) operation.Operation { return operation.IncrementField(path, field, amount) })
}

// IncrementingReal is Incrementing by a double, for fields that are a double or a float.
func (n *Nodes[Message, Vars]) IncrementingReal(variables Vars, field string, amount float64) operation.Operation {
	return n.at(variables, func(path string) operation.Operation { return operation.IncrementFieldReal(path, field, amount) })
}

// FieldEquals is the condition that a field is this; see [precondition.FieldEquals]. Variables that make no path make one that the broker
// refuses.
func (n *Nodes[Message, Vars]) FieldEquals(variables Vars, field string, equal any) precondition.Precondition {
	path, _ := n.Path(variables)
	return precondition.FieldEquals(path, field, equal)
}

// FieldIsSet is the condition that a field is set, or is not; see [precondition.FieldIsSet].
func (n *Nodes[Message, Vars]) FieldIsSet(variables Vars, field string, set bool) precondition.Precondition {
	path, _ := n.Path(variables)
	return precondition.FieldIsSet(path, field, set)
}

// Get reads a node. It fails with [ErrNotFound] where there is none, and with [ErrTypeMismatch] where something else is there.
func (n *Nodes[Message, Vars]) Get(ctx context.Context, variables Vars, options ...ReadOption) (*TypedNode[Message, Vars], error) {
	path, err := n.Path(variables)
	if err != nil {
		return nil, err
	}
	node, err := n.verbs.Get(ctx, path, stored(options)...)
	if err != nil {
		return nil, err
	}
	typed := n.node(node)
	if typed == nil { // Others are below it.
		metadata := map[string]string{"path": path}
		return nil, &Error{
			Code: codes.NotFound, Reason: ReasonNodeNotFound, Message: "there is no value at " + path, Metadata: metadata,
		}
	}
	if typed.Err != nil {
		return nil, typed.Err
	}
	return typed, nil
}

// Find reads a node; nil where there is none.
func (n *Nodes[Message, Vars]) Find(ctx context.Context, variables Vars, options ...ReadOption) (*TypedNode[Message, Vars], error) {
	node, err := n.Get(ctx, variables, options...)
	if isNodeNotFound(err) {
		return nil, nil
	}
	return node, err
}

// List goes through the nodes that have these variables, of which any may be left open, in the order of the paths' bytes, on the trunk all
// at one revision. The broker looks through the keys of all that lies below the first open one, so fix the first ones.
func (n *Nodes[Message, Vars]) List(
	ctx context.Context, where Vars, options ...ReadOption,
) iter.Seq2[*TypedNode[Message, Vars], error] {
	return func(yield func(*TypedNode[Message, Vars], error) bool) {
		for nodes, err := range n.pages(ctx, where, options) {
			if err != nil {
				yield(nil, err)
				return
			}
			for _, node := range nodes {
				if typed := n.node(node); typed != nil && !yield(typed, nil) {
					return
				}
			}
		}
	}
}

// Collect reads all that List goes through.
func (n *Nodes[Message, Vars]) Collect(ctx context.Context, where Vars, options ...ReadOption) ([]*TypedNode[Message, Vars], error) {
	var all []*TypedNode[Message, Vars]
	for node, err := range n.List(ctx, where, options...) {
		if err != nil {
			return nil, err
		}
		all = append(all, node)
	}
	return all, nil
}

func (n *Nodes[Message, Vars]) pages(ctx context.Context, where Vars, options []ReadOption) iter.Seq2[[]*Node, error] {
	return func(yield func([]*Node, error) bool) {
		values, pattern, err := n.pattern(where)
		if err != nil {
			yield(nil, err)
			return
		}
		root, depth := below(pattern)
		if depth == 0 {
			yield(n.verbs.BatchGet(ctx, []string{root}, stored(options)...))
			return
		}
		// Of direct children nearly all are wanted; of what lies deeper the keys tell which are.
		listing := Listing{Depth: depth, KeysOnly: depth > 1}
		for page, err := range n.verbs.List(root, listing, stored(options)...).Pages(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			nodes := slices.DeleteFunc(page.Items, func(node *Node) bool { return !n.template.selects(node.Path, values) })
			if !listing.KeysOnly {
				if !yield(nodes, nil) {
					return
				}
				continue
			}
			for paths := range batches(nodes) {
				pinned := stored(options)
				if n.verbs.ghostID == "" {
					pinned = append(pinned, AtRevision(page.Revision))
				}
				read, err := n.verbs.BatchGet(ctx, paths, pinned...)
				// They are of the view in which the keys were listed.
				if !yield(aged(read, page.Age), err) || err != nil {
					return
				}
			}
		}
	}
}

// stored: typed nodes are read from messages, whatever else is asked for.
func stored(options []ReadOption) []ReadOption {
	return append(slices.Clone(options), InForm(FormStored))
}

// batches are the paths of keys, so many at once as fit into an answer.
func batches(keys []*Node) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		var paths []string
		var bytes uint64
		for _, key := range keys {
			if key.Version == 0 {
				continue
			}
			if len(paths) > 0 && (len(paths) >= batchGetPathsMax || bytes+key.ValueBytes > batchGetBytes) {
				if !yield(paths) {
					return
				}
				paths, bytes = nil, 0
			}
			paths = append(paths, key.Path)
			bytes += key.ValueBytes
		}
		if len(paths) > 0 {
			yield(paths)
		}
	}
}

func (n *Nodes[Message, Vars]) publish(
	ctx context.Context, single operation.Operation, preconditions []precondition.Precondition,
) (Published, error) {
	return n.verbs.Publish(ctx, Diff{Operations: []operation.Operation{single}, Preconditions: preconditions})
}

// at makes an operation of a path; one that fails where the variables make none.
func (n *Nodes[Message, Vars]) at(variables Vars, of func(path string) operation.Operation) operation.Operation {
	path, err := n.Path(variables)
	if err != nil {
		return operation.Failed(err)
	}
	return of(path)
}

func (n *Nodes[Message, Vars]) values(variables Vars) ([]string, error) {
	if n.err != nil {
		return nil, n.err
	}
	values, err := n.nodeType.valuesOf(n.template, variables)
	if err != nil {
		return nil, errInvalid(err)
	}
	return values, nil
}

func (n *Nodes[Message, Vars]) pattern(where Vars) ([]string, string, error) {
	values, err := n.values(where)
	if err != nil {
		return nil, "", err
	}
	pattern, err := n.template.pattern(values)
	if err != nil {
		return nil, "", errInvalid(err)
	}
	return values, pattern, nil
}
