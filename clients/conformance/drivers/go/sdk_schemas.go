package main

import (
	"context"

	"hyperloom.dev/go/hyperloom"
	"hyperloom.dev/go/hyperloom/mapping"
)

// givenMapping is what becomes of the fields of one message; each rule has one member.
type givenMapping struct {
	Message string
	Rules   []struct {
		Move     *struct{ From, To string }
		Constant *struct {
			Field string
			Value any
		}
		Drop *string
	}
	DropUnknownFields bool
}

func (g givenMapping) message() mapping.Message {
	made := mapping.Message{Type: g.Message, DropUnknownFields: g.DropUnknownFields}
	for _, each := range g.Rules {
		switch {
		case each.Move != nil:
			made.Rules = append(made.Rules, mapping.Move(each.Move.From, each.Move.To))
		case each.Constant != nil:
			made.Rules = append(made.Rules, mapping.Constant(each.Constant.Field, each.Constant.Value))
		default:
			made.Rules = append(made.Rules, mapping.Drop(*each.Drop))
		}
	}
	return made
}

func (a arguments) mapping() []mapping.Message {
	var made []mapping.Message
	for _, each := range a.Mapping {
		made = append(made, each.message())
	}
	return made
}

func (a arguments) definition() hyperloom.SchemaDefinition {
	if a.Set != nil {
		return hyperloom.SchemaDefinition{DescriptorSet: a.Set}
	}
	return hyperloom.SchemaDefinition{JSON: a.JSON, Path: a.Path}
}

// callSchemas does the verbs of schemas; false for other verbs.
func callSchemas(ctx context.Context, on *hyperloom.Schemas, verb string, a arguments) (any, bool, error) {
	switch verb {
	case "register":
		options := hyperloom.RegisterOptions{ExpectedVersion: a.ExpectedVersion, Mapping: a.mapping()}
		done, err := on.RegisterWith(ctx, a.Name, a.definition(), options)
		outcome := tellSchema(done.Schema)
		outcome["unchanged"], outcome["mappedValues"] = done.Unchanged, done.MappedValues
		return outcome, true, err
	case "validate":
		tried, err := on.Validate(ctx, a.Name, a.definition(), a.mapping()...)
		outcome := object{
			"schema": nil, "reason": tried.Reason, "unchanged": tried.Unchanged, "mappedValues": tried.MappedValues,
			"revision": tried.Revision,
			"problems": told(tried.Problems, func(each hyperloom.SchemaObjection) object {
				return object{"rule": each.Rule, "subject": each.Subject}
			}),
		}
		if tried.Schema != nil {
			outcome["schema"] = tellSchema(*tried.Schema)
		}
		return outcome, true, err
	case "getSchema":
		schema, err := on.Get(ctx, a.Name, a.Version, 0)
		return tellSchema(schema), true, err
	case "listSchemas":
		listed, err := on.List(ctx, 0)
		return object{
			"schemas": told(listed.Schemas, tellSchema), "unboundPaths": listed.UnboundPaths, "revision": listed.Revision,
		}, true, err
	case "setUnboundPaths":
		revision, err := on.SetUnboundPaths(ctx, hyperloom.UnboundPaths(a.UnboundPaths))
		return revision, true, err
	default:
		return nil, false, nil
	}
}

func tellDefinition(definition hyperloom.SchemaDefinition) any {
	switch {
	case definition.JSON != "":
		return object{"json": definition.JSON, "path": definition.Path}
	case definition.DescriptorSet != nil:
		return object{"set": definition.DescriptorSet}
	default:
		return nil
	}
}

func tellSchema(schema hyperloom.Schema) object {
	return object{
		"definition": tellDefinition(schema.Definition), "name": schema.Name, "version": schema.Version, "revision": schema.Revision,
		"bindings": told(schema.Bindings, func(each hyperloom.SchemaBinding) object {
			return object{"path": each.Path, "messageType": each.MessageType}
		}),
	}
}
