// Package value tells how Go values become a node's value and come back.
//
// A string is text, a []byte is bytes, a [proto.Message] is a typed message, and everything else is JSON, as
// [encoding/json] writes it. [JSON] gives exact JSON text, which the broker keeps byte for byte. [MessageJSON] is a message for
// programs without generated code.
package value

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
)

// JSON is exact JSON text. The broker refuses it with the reason INVALID_VALUE where it does not parse.
type JSON = json.RawMessage

// JSONMessage is a message in ProtoJSON: the broker makes a message of it, by the newest schema of the path. See [MessageJSON].
type JSONMessage struct {
	content any
}

// MessageJSON is a message for programs without generated code, by the names of its fields: anything that [encoding/json] writes, such as
// a map, or exact text ([JSON]).
func MessageJSON(content any) JSONMessage { return JSONMessage{content} }

// Kind says what a value is.
type Kind string

// The kinds of values. None is that of a node that has only children.
const (
	None        Kind = ""
	KindJSON    Kind = "json"
	KindText    Kind = "text"
	KindBytes   Kind = "bytes"
	KindMessage Kind = "message"
)

// Value is what a node holds. It is immutable: change nothing of what its methods return.
type Value struct {
	message *hyperloomv1.Value
}

// From takes a value as it travels.
func From(message *hyperloomv1.Value) Value {
	return Value{message}
}

// Encode makes the message for a value, of which it keeps nothing. It fails for what JSON cannot say, such as NaN or a channel.
func Encode(v any) (*hyperloomv1.Value, error) {
	switch v := v.(type) {
	case string:
		return &hyperloomv1.Value{Kind: &hyperloomv1.Value_Text{Text: v}}, nil
	case []byte:
		return &hyperloomv1.Value{Kind: &hyperloomv1.Value_Bytes{Bytes: bytes.Clone(v)}}, nil
	case Value:
		return v.message, nil
	case JSONMessage:
		text, err := EncodeJSON(v.content)
		if err != nil {
			return nil, err
		}
		return &hyperloomv1.Value{Kind: &hyperloomv1.Value_MessageJson{MessageJson: text}}, nil
	case proto.Message:
		packed, err := anypb.New(v)
		if err != nil {
			return nil, err
		}
		return &hyperloomv1.Value{Kind: &hyperloomv1.Value_Message{Message: packed}}, nil
	default:
		text, err := EncodeJSON(v)
		if err != nil {
			return nil, err
		}
		return &hyperloomv1.Value{Kind: &hyperloomv1.Value_Json{Json: text}}, nil
	}
}

// EncodeJSON makes JSON text of anything. Exact text stays as it is, and nothing is escaped that need not be.
func EncodeJSON(v any) ([]byte, error) {
	if text, ok := v.(JSON); ok {
		return bytes.Clone(text), nil
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(text.Bytes(), []byte{'\n'}), nil
}

// Kind says what it is.
func (v Value) Kind() Kind {
	switch v.message.GetKind().(type) {
	case *hyperloomv1.Value_Json:
		return KindJSON
	case *hyperloomv1.Value_Text:
		return KindText
	case *hyperloomv1.Value_Bytes:
		return KindBytes
	case *hyperloomv1.Value_Message:
		return KindMessage
	default:
		return None
	}
}

// Text is the text; empty for other kinds.
func (v Value) Text() string { return v.message.GetText() }

// Bytes are the bytes; nil for other kinds.
func (v Value) Bytes() []byte { return v.message.GetBytes() }

// JSON is the exact JSON text; nil for other kinds.
func (v Value) JSON() JSON { return v.message.GetJson() }

// Message is the packed message; nil for other kinds.
func (v Value) Message() *anypb.Any { return v.message.GetMessage() }

// FormProblem is why it is a message although JSON was asked for.
type FormProblem string

// The reasons. NoProblem: it is not, or JSON was not asked for.
const (
	NoProblem FormProblem = ""
	// Unbound: no schema was about its path then, or the version that the reader is pinned to does not know its message.
	Unbound FormProblem = "unbound"
	// NoJSON: ProtoJSON cannot tell it.
	NoJSON FormProblem = "no_json"
	// TooLarge: it would be too large as JSON.
	TooLarge FormProblem = "too_large"
	// SchemaUnusable: the broker cannot work with the schema.
	SchemaUnusable FormProblem = "schema_unusable"
	// Superseded: it was staged before the version that is in force now, or for a migration that was taken back.
	Superseded FormProblem = "superseded"
)

// FormProblem is why it is a message although JSON was asked for.
func (v Value) FormProblem() FormProblem {
	problem := v.message.GetFormProblem()
	if problem == hyperloomv1.FormProblem_FORM_PROBLEM_UNSPECIFIED {
		return NoProblem
	}
	return FormProblem(strings.ToLower(strings.TrimPrefix(problem.String(), "FORM_PROBLEM_")))
}

// Any is what the value was made of: a string, a []byte, the [anypb.Any] of a message, or JSON as [encoding/json] reads it
// into an empty interface, but with numbers as [json.Number], which lose nothing. It is nil where there is no value.
func (v Value) Any() any {
	switch v.Kind() {
	case KindText:
		return v.Text()
	case KindBytes:
		return v.Bytes()
	case KindMessage:
		return v.Message()
	case KindJSON:
		var parsed any
		decoder := json.NewDecoder(bytes.NewReader(v.JSON()))
		decoder.UseNumber()
		if decoder.Decode(&parsed) != nil {
			return nil
		}
		return parsed
	default:
		return nil
	}
}

// Decode puts the value into what a pointer names: JSON into anything that [json.Unmarshal] takes, text into a *string, bytes
// into a *[]byte, a typed message into a [proto.Message] of its type, and each into an *any.
func (v Value) Decode(into any) error {
	switch into := into.(type) {
	case *any:
		*into = v.Any()
		return nil
	case proto.Message:
		if v.Kind() == KindMessage {
			return v.Message().UnmarshalTo(into)
		}
	case *string:
		if v.Kind() == KindText {
			*into = v.Text()
			return nil
		}
	case *[]byte:
		if v.Kind() == KindBytes {
			*into = v.Bytes()
			return nil
		}
	}
	if v.Kind() == KindJSON {
		return json.Unmarshal(v.JSON(), into)
	}
	return fmt.Errorf("a value that is %s does not go into a %T", v.describe(), into)
}

// String is the value for people: text as it is, and JSON text.
func (v Value) String() string {
	switch v.Kind() {
	case KindText:
		return v.Text()
	case KindJSON:
		return string(v.JSON())
	case KindBytes:
		return fmt.Sprintf("%d bytes", len(v.Bytes()))
	case KindMessage:
		return v.Message().GetTypeUrl()
	default:
		return ""
	}
}

func (v Value) describe() string {
	if v.Kind() == None {
		return "not there"
	}
	return string(v.Kind())
}
