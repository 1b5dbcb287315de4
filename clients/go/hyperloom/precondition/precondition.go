// Package precondition builds what must hold at the moment a context diff takes effect, or nothing of it does.
package precondition

import (
	"math"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
	"hyperloom.dev/go/hyperloom/value"
)

// Precondition is one condition. Make it with the functions of this package.
type Precondition = *hyperloomv1.Precondition

// Present: the node is there; it has a value or children.
func Present(path string) Precondition {
	return presence(path, hyperloomv1.Presence_PRESENCE_PRESENT)
}

// Absent: the node is not there.
func Absent(path string) Precondition {
	return presence(path, hyperloomv1.Presence_PRESENCE_ABSENT)
}

// ModifiedRevision: Node.ModifiedRevision equals this. 0: the node has no value on the trunk.
func ModifiedRevision(path string, revision uint64) Precondition {
	condition := &hyperloomv1.Precondition_ModifiedRevision{ModifiedRevision: revision}
	return &hyperloomv1.Precondition{Path: path, Condition: condition}
}

// Version: Node.Version equals this. Works in ghosts too.
func Version(path string, number uint64) Precondition {
	return &hyperloomv1.Precondition{Path: path, Condition: &hyperloomv1.Precondition_Version{Version: number}}
}

// SubtreeUnchangedSince: nothing at or below the path changed after this revision.
func SubtreeUnchangedSince(path string, revision uint64) Precondition {
	condition := &hyperloomv1.Precondition_SubtreeUnchangedSince{SubtreeUnchangedSince: revision}
	return &hyperloomv1.Precondition{Path: path, Condition: condition}
}

func presence(path string, is hyperloomv1.Presence) Precondition {
	return &hyperloomv1.Precondition{Path: path, Condition: &hyperloomv1.Precondition_Presence{Presence: is}}
}

// FieldEquals: a field of a message is this, by its name in the proto, such as origin.url: a single field that is no message, as a
// number, a string, a bool, a []byte, or the name of an enum's value. The path must be one that a schema binds to a message. Works in
// ghosts too.
func FieldEquals(path, field string, equal any) Precondition {
	return fieldCondition(path, &hyperloomv1.FieldCondition{
		Target: &hyperloomv1.FieldCondition_Field{Field: field}, Expectation: equals(equal),
	})
}

// FieldIsSet: a field of a message is set, or is not. One without presence is set where it is not its default, a repeated field or a
// map where it is not empty.
func FieldIsSet(path, field string, set bool) Precondition {
	return fieldCondition(path, &hyperloomv1.FieldCondition{
		Target: &hyperloomv1.FieldCondition_Field{Field: field}, Expectation: &hyperloomv1.FieldCondition_IsSet{IsSet: set},
	})
}

// PointerEquals: a part of a JSON value is this, by an RFC 6901 pointer such as /steps/0/state; empty: all of it.
func PointerEquals(path, pointer string, equal any) Precondition {
	return fieldCondition(path, &hyperloomv1.FieldCondition{
		Target: &hyperloomv1.FieldCondition_JsonPointer{JsonPointer: pointer}, Expectation: equals(equal),
	})
}

// PointerIsSet: a pointer leads to something in a JSON value, or does not.
func PointerIsSet(path, pointer string, set bool) Precondition {
	return fieldCondition(path, &hyperloomv1.FieldCondition{
		Target:      &hyperloomv1.FieldCondition_JsonPointer{JsonPointer: pointer},
		Expectation: &hyperloomv1.FieldCondition_IsSet{IsSet: set},
	})
}

// equals is what a part must be, as ProtoJSON has it. What JSON cannot say becomes no JSON, which the broker refuses.
func equals(equal any) *hyperloomv1.FieldCondition_EqualsJson {
	if number, ok := equal.(float64); ok {
		switch {
		case math.IsNaN(number):
			equal = "NaN"
		case math.IsInf(number, 1):
			equal = "Infinity"
		case math.IsInf(number, -1):
			equal = "-Infinity"
		}
	}
	text, err := value.EncodeJSON(equal)
	if err != nil {
		text = nil
	}
	return &hyperloomv1.FieldCondition_EqualsJson{EqualsJson: text}
}

func fieldCondition(path string, condition *hyperloomv1.FieldCondition) Precondition {
	return &hyperloomv1.Precondition{Path: path, Condition: &hyperloomv1.Precondition_Field{Field: condition}}
}
