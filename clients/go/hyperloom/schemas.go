package hyperloom

import (
	"context"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
	"hyperloom.dev/go/hyperloom/mapping"
)

// Schemas are those of a client's forest: [Client.Schemas].
type Schemas struct {
	connection *connection
	agent      *agent
}

// Schemas registers, tries, reads and lists the schemas of this client's forest.
func (c *Client) Schemas() *Schemas { return &Schemas{c.connection, c.agent} }

// SchemaDefinition is a schema's source: a compiled descriptor set, or a JSON Schema with the paths that it is about.
type SchemaDefinition struct {
	// DescriptorSet is a google.protobuf.FileDescriptorSet with all that it imports, as buf build writes it; see [SchemaOf].
	DescriptorSet []byte
	// JSON is a JSON Schema 2020-12.
	JSON string
	// Path is what the JSON Schema is about, such as /{session}/plans/{plan}.
	Path string
}

// SchemaBinding is paths and what may be there.
type SchemaBinding struct {
	Path string
	// MessageType is the full name of the only message that may be there. Empty: JSON.
	MessageType string
}

// Schema is one version of a schema.
type Schema struct {
	Name string
	// Version is from 1.
	Version  uint64
	Bindings []SchemaBinding
	// Revision of the trunk that its registration made.
	Revision        uint64
	Author          string
	RegisterTime    time.Time
	DefinitionBytes uint64
	// Definition is only there in answers of Get.
	Definition SchemaDefinition
}

// SchemaObjection is why a schema cannot be registered.
type SchemaObjection struct {
	// Rule that it breaks, such as FIELD_WIRE_JSON_COMPATIBLE_TYPE.
	Rule string
	// Subject is a field of the definition, such as acme.v1.ResearchNote.claim, or the path of a stored node and the field in it.
	Subject string
	Message string
}

// TriedSchema is what registering would do.
type TriedSchema struct {
	// Schema as it would be; nil where it would be refused.
	Schema *Schema
	// Unchanged: it is the newest version already.
	Unchanged bool
	// Reason of the refusal, such as ReasonSchemaBreaking; empty where there would be none.
	Reason  Reason
	Message string
	// Problems are each thing that is wrong; at most 100.
	Problems []SchemaObjection
	// Objections are the same.
	//
	// Deprecated: use Problems, as they are called everywhere else.
	Objections []SchemaObjection
	Revision   uint64
	// MappedValues are those that the mapping would write.
	MappedValues uint64
}

// RegisterOptions are those of [Schemas.RegisterWith].
type RegisterOptions struct {
	// ExpectedVersion is the newest one that the caller knows; ErrPreconditionFailed where it is another. 0: whichever it is.
	ExpectedVersion uint64
	// Mapping says how stored messages become those of this version. The broker writes them and puts the version into force, in one
	// revision or not at all. None: stored values stay as they are, and must fit.
	Mapping []mapping.Message
}

// RegisteredSchema is a schema that is in force.
type RegisteredSchema struct {
	Schema Schema
	// Unchanged: it was the newest version already.
	Unchanged bool
	// MappedValues are those that the mapping has written.
	MappedValues uint64
}

// UnboundPaths says what a forest does with values at paths of no schema.
type UnboundPaths string

// It takes any; it refuses all.
const (
	UnboundFree    UnboundPaths = "free"
	UnboundRefused UnboundPaths = "refused"
)

var unboundNames = map[UnboundPaths]hyperloomv1.UnboundPaths{
	UnboundFree:    hyperloomv1.UnboundPaths_UNBOUND_PATHS_FREE,
	UnboundRefused: hyperloomv1.UnboundPaths_UNBOUND_PATHS_REFUSED,
}

// ListedSchemas are the newest version of each schema, by name.
type ListedSchemas struct {
	Schemas      []Schema
	UnboundPaths UnboundPaths
	// Strict: values at paths of no schema are refused.
	//
	// Deprecated: use UnboundPaths, as it is called everywhere else.
	Strict   bool
	Revision uint64
}

// SchemaOf is the definition of generated messages with a path of their own: their files with all that these import.
func SchemaOf(messages ...proto.Message) SchemaDefinition {
	set := &descriptorpb.FileDescriptorSet{}
	known := map[string]bool{}
	var add func(file protoreflect.FileDescriptor)
	add = func(file protoreflect.FileDescriptor) {
		if known[file.Path()] {
			return
		}
		known[file.Path()] = true
		for index := range file.Imports().Len() {
			add(file.Imports().Get(index).FileDescriptor)
		}
		set.File = append(set.File, protodesc.ToFileDescriptorProto(file))
	}
	for _, message := range messages {
		add(message.ProtoReflect().Descriptor().ParentFile())
	}
	encoded, err := proto.Marshal(set)
	if err != nil {
		return SchemaDefinition{} // Descriptors that were decoded can be encoded; the broker would refuse this.
	}
	return SchemaDefinition{DescriptorSet: encoded}
}

// Register registers a schema, or the next version of one: 1 to 128 of a-zA-Z0-9._-. It is in force when this returns; unchanged, where it
// was the newest version already. It is refused where clients or stored values would not get along with it: the error's Violations say
// why. expectedVersion is the newest one that the caller knows, ErrPreconditionFailed where it is another; 0: whichever it is.
func (s *Schemas) Register(
	ctx context.Context, name string, definition SchemaDefinition, expectedVersion uint64,
) (schema Schema, unchanged bool, err error) {
	registered, err := s.RegisterWith(ctx, name, definition, RegisterOptions{ExpectedVersion: expectedVersion})
	return registered.Schema, registered.Unchanged, err
}

// RegisterWith is Register with all its options.
func (s *Schemas) RegisterWith(
	ctx context.Context, name string, definition SchemaDefinition, options RegisterOptions,
) (RegisteredSchema, error) {
	wanted, err := mapping.Wire(options.Mapping)
	if err != nil {
		return RegisteredSchema{}, errInvalid(err)
	}
	request := &hyperloomv1.RegisterSchemaRequest{
		Forest:          s.agent.forest,
		Name:            name,
		Definition:      definition.message(),
		ExpectedVersion: options.ExpectedVersion,
		RequestId:       s.connection.nextRequestID(),
		Author:          s.agent.author,
		Mapping:         wanted,
	}
	answer, err := call(ctx, s.connection, s.connection.schemas.RegisterSchema, request, "the registration")
	if err != nil {
		return RegisteredSchema{}, err
	}
	s.agent.see(answer.GetSchema().GetRevision())
	return RegisteredSchema{schemaFrom(answer.GetSchema()), answer.GetUnchanged(), answer.GetMappedValues()}, nil
}

// Validate says what Register would do, with a mapping what RegisterWith would, and changes nothing.
func (s *Schemas) Validate(
	ctx context.Context, name string, definition SchemaDefinition, messages ...mapping.Message,
) (TriedSchema, error) {
	wanted, err := mapping.Wire(messages)
	if err != nil {
		return TriedSchema{}, errInvalid(err)
	}
	request := &hyperloomv1.ValidateSchemaRequest{
		Forest: s.agent.forest, Name: name, Definition: definition.message(), Mapping: wanted,
	}
	answer, err := call(ctx, s.connection, s.connection.schemas.ValidateSchema, request, "the trial")
	if err != nil {
		return TriedSchema{}, err
	}
	problems := mapped(answer.GetProblems(), func(problem *hyperloomv1.SchemaProblem) SchemaObjection {
		return SchemaObjection{problem.GetRule(), problem.GetSubject(), problem.GetMessage()}
	})
	tried := TriedSchema{
		Unchanged:    answer.GetUnchanged(),
		Reason:       Reason(answer.GetReason()),
		Message:      answer.GetMessage(),
		Problems:     problems,
		Objections:   problems,
		Revision:     answer.GetRevision(),
		MappedValues: answer.GetMappedValues(),
	}
	if answer.GetSchema() != nil {
		schema := schemaFrom(answer.GetSchema())
		tried.Schema = &schema
	}
	return tried, nil
}

// Get reads one version of a schema (0: the newest) with its definition, as of a trunk revision (0: now).
func (s *Schemas) Get(ctx context.Context, name string, version, atRevision uint64) (Schema, error) {
	request := &hyperloomv1.GetSchemaRequest{
		Forest: s.agent.forest, Name: name, Version: version, AtRevision: atRevision,
	}
	answer, err := call(ctx, s.connection, s.connection.schemas.GetSchema, request, "the read")
	return schemaFrom(answer.GetSchema()), err
}

// List is the newest version of each schema, by name, as of a trunk revision (0: now).
func (s *Schemas) List(ctx context.Context, atRevision uint64) (ListedSchemas, error) {
	request := &hyperloomv1.ListSchemasRequest{Forest: s.agent.forest, AtRevision: atRevision}
	answer, err := call(ctx, s.connection, s.connection.schemas.ListSchemas, request, "the listing")
	unbound := UnboundFree
	if answer.GetUnboundPaths() == hyperloomv1.UnboundPaths_UNBOUND_PATHS_REFUSED {
		unbound = UnboundRefused
	}
	return ListedSchemas{
		Schemas:      mapped(answer.GetSchemas(), schemaFrom),
		UnboundPaths: unbound,
		Strict:       unbound == UnboundRefused,
		Revision:     answer.GetRevision(),
	}, err
}

// SetStrict makes the forest strict, or lets it go.
//
// Deprecated: use SetUnboundPaths, as it is called everywhere else.
func (s *Schemas) SetStrict(ctx context.Context, strict bool) (uint64, error) {
	if strict {
		return s.SetUnboundPaths(ctx, UnboundRefused)
	}
	return s.SetUnboundPaths(ctx, UnboundFree)
}

// SetUnboundPaths makes the forest strict ([UnboundRefused]: no value where no schema is), or lets it go. It returns the revision from
// which on that holds.
func (s *Schemas) SetUnboundPaths(ctx context.Context, unbound UnboundPaths) (uint64, error) {
	request := &hyperloomv1.SetUnboundPathsRequest{
		Forest:       s.agent.forest,
		UnboundPaths: unboundNames[unbound], // Unspecified for a word that is none, which the broker refuses.
		RequestId:    s.connection.nextRequestID(),
		Author:       s.agent.author,
	}
	answer, err := call(ctx, s.connection, s.connection.schemas.SetUnboundPaths, request, "the change")
	s.agent.see(answer.GetRevision())
	return answer.GetRevision(), err
}

func (d SchemaDefinition) message() *hyperloomv1.SchemaDefinition {
	if d.Path == "" {
		kind := &hyperloomv1.SchemaDefinition_DescriptorSet{DescriptorSet: d.DescriptorSet}
		return &hyperloomv1.SchemaDefinition{Kind: kind}
	}
	source := &hyperloomv1.JsonSchema{Json: []byte(d.JSON), Path: d.Path}
	return &hyperloomv1.SchemaDefinition{Kind: &hyperloomv1.SchemaDefinition_JsonSchema{JsonSchema: source}}
}

func schemaFrom(message *hyperloomv1.Schema) Schema {
	return Schema{
		Name:    message.GetName(),
		Version: message.GetVersion(),
		Bindings: mapped(message.GetBindings(), func(binding *hyperloomv1.SchemaBinding) SchemaBinding {
			return SchemaBinding{binding.GetPath(), binding.GetMessageType()}
		}),
		Revision:        message.GetRevision(),
		Author:          message.GetAuthor(),
		RegisterTime:    message.GetRegisterTime().AsTime(),
		DefinitionBytes: message.GetDefinitionBytes(),
		Definition: SchemaDefinition{
			DescriptorSet: slices.Clone(message.GetDefinition().GetDescriptorSet()),
			JSON:          string(message.GetDefinition().GetJsonSchema().GetJson()),
			Path:          message.GetDefinition().GetJsonSchema().GetPath(),
		},
	}
}
