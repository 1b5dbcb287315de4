package deploy

import (
	"os"
	"testing"

	bootstrapv3 "github.com/envoyproxy/go-control-plane/envoy/config/bootstrap/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/router/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/retry/host/previous_hosts/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/upstreams/http/v3"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/anypb"
	"sigs.k8s.io/yaml"
)

// Goal: Envoy would take its configuration. Method: its own types and their rules; the rest only Envoy itself knows.
func TestEnvoyTakesItsConfiguration(t *testing.T) {
	text, err := os.ReadFile("../../docs/deploy/proxies/envoy.yaml")
	must(t, err)
	json, err := yaml.YAMLToJSONStrict(text)
	must(t, err)
	bootstrap := &bootstrapv3.Bootstrap{}
	// Unknown fields and types are refused.
	must(t, protojson.Unmarshal(json, bootstrap))
	if checked := validate(t, bootstrap); checked != 5 {
		t.Errorf("%d messages were validated instead of the configuration and the four that it packs", checked)
	}
}

func TestEnvoysRulesAreAsked(t *testing.T) {
	bootstrap := &bootstrapv3.Bootstrap{}
	must(t, protojson.Unmarshal([]byte(`{"staticResources": {"clusters": [{"name": ""}]}}`), bootstrap))
	if bootstrap.ValidateAll() == nil {
		t.Error("a cluster without a name is taken")
	}
}

// validate asks a message, and every message that is packed in it, whether it keeps to its rules, which those of the outer one do not
// reach. It returns how many it has asked.
func validate(t *testing.T, message proto.Message) int {
	t.Helper()
	if ruled, ok := message.(interface{ ValidateAll() error }); ok {
		must(t, ruled.ValidateAll())
	} else {
		t.Errorf("%T has no rules", message)
	}
	checked := 1
	eachPacked(message.ProtoReflect(), func(packed *anypb.Any) {
		inner, err := packed.UnmarshalNew()
		must(t, err)
		checked += validate(t, inner)
	})
	return checked
}

func eachPacked(message protoreflect.Message, visit func(*anypb.Any)) {
	if packed, ok := message.Interface().(*anypb.Any); ok {
		visit(packed)
		return
	}
	message.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch {
		case field.IsMap():
			if field.MapValue().Message() != nil {
				value.Map().Range(func(_ protoreflect.MapKey, each protoreflect.Value) bool {
					eachPacked(each.Message(), visit)
					return true
				})
			}
		case field.Message() == nil:
		case field.IsList():
			for index := range value.List().Len() {
				eachPacked(value.List().Get(index).Message(), visit)
			}
		default:
			eachPacked(value.Message(), visit)
		}
		return true
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
