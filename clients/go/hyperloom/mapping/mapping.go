// Package mapping builds mappings: how stored messages become those of a version of their schema that they do not get along with, where
// that can be said field by field. The broker writes the values and puts the version into force, in one revision or not at all.
//
//	done, err := client.Schemas().RegisterWith(ctx, "research", hyperloom.SchemaOf(&acmev1.ResearchNote{}), hyperloom.RegisterOptions{
//		Mapping: []mapping.Message{{
//			Type:  "acme.v1.ResearchNote",
//			Rules: []mapping.Rule{mapping.Move("claim", "statement"), mapping.Constant("language", "en"), mapping.Drop("sources")},
//		}},
//	})
package mapping

import (
	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
	"hyperloom.dev/go/hyperloom/value"
)

// Message is what becomes of the fields of one message. Messages of which nothing is said are kept field by field, by name.
type Message struct {
	// Type is the full name of a message that the version before binds.
	Type string
	// Rules are at most 1,000 in all. What no rule names is kept under its name, and must be of a type there that gets along.
	Rules []Rule
	// DropUnknownFields drops what the version before does not know, and no rule can name; values that hold such fields are refused
	// otherwise.
	DropUnknownFields bool
}

// Rule is what becomes of a field. Make it with the functions of this package.
type Rule struct {
	message *hyperloomv1.MappingRule
	err     error
}

// Move: the field moves, and is converted where the types differ. Fields are called by their names in the proto, through single messages
// only, such as origin.url.
func Move(from, to string) Rule {
	move := &hyperloomv1.FieldMove{From: from, To: to}
	return Rule{message: &hyperloomv1.MappingRule{Kind: &hyperloomv1.MappingRule_Move{Move: move}}}
}

// Constant: a field of the coming version has the same value everywhere, in ProtoJSON: anything that [encoding/json] takes, or a
// [value.JSON].
func Constant(field string, constant any) Rule {
	text, err := value.EncodeJSON(constant)
	if err != nil {
		return Rule{err: err}
	}
	same := &hyperloomv1.FieldConstant{Field: field, Json: text}
	return Rule{message: &hyperloomv1.MappingRule{Kind: &hyperloomv1.MappingRule_Constant{Constant: same}}}
}

// Drop: a field of the version before is given up.
func Drop(field string) Rule {
	return Rule{message: &hyperloomv1.MappingRule{Kind: &hyperloomv1.MappingRule_Drop{Drop: field}}}
}

// Wire is the mapping as it travels; nil where nothing is said, so that stored values must fit as they are. For the client.
func Wire(messages []Message) (*hyperloomv1.SchemaMapping, error) {
	if len(messages) == 0 {
		return nil, nil
	}
	mapping := &hyperloomv1.SchemaMapping{}
	for _, each := range messages {
		message := &hyperloomv1.MessageMapping{MessageType: each.Type, DropUnknownFields: each.DropUnknownFields}
		for _, rule := range each.Rules {
			if rule.err != nil {
				return nil, rule.err
			}
			message.Rules = append(message.Rules, rule.message)
		}
		mapping.Messages = append(mapping.Messages, message)
	}
	return mapping, nil
}
