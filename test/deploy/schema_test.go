package deploy

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"sigs.k8s.io/yaml"
)

// The suite's goal: Kubernetes would take what the chart renders, as far as that can be known without a cluster. Method: the JSON Schemas
// that are made from the API's own description, in their strict form, of the oldest and the newest version; for what is no part of
// Kubernetes, the schema in the definition that its operator installs. Both are files that "npm test -- 'deploy files'" brings.

// versions are the oldest that the chart says it takes, and the newest of which there are schemas.
var versions = []string{"v1.27.0", "v1.37.0"}

func TestTheOldestVersionIsTheOneThatTheChartTakes(t *testing.T) {
	text, err := os.ReadFile("../../docs/deploy/helm/hyperloom/Chart.yaml")
	must(t, err)
	if oldest := strings.TrimPrefix(versions[0], "v"); !strings.Contains(string(text), "kubeVersion: '>="+oldest+"-0'") {
		t.Errorf("the chart takes other versions than those from %s on", oldest)
	}
}

func TestWhatTypesAllowAndSchemasDoNotIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"a Deployment that selects nothing":  "apiVersion: apps/v1\nkind: Deployment\nspec: {template: {spec: {containers: [{name: one}]}}}\n",
		"a Service whose port has no number": "apiVersion: v1\nkind: Service\nspec: {ports: [{name: grpc}]}\n",
		"a ServiceMonitor that looks soon":   "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nspec: {selector: {}, endpoints: [{interval: soon}]}\n",
	} {
		if _, err := read(text); err != nil {
			t.Errorf("%s: the types refuse it: %v", name, err)
		}
		var refused *jsonschema.ValidationError
		if err := fits(text); !errors.As(err, &refused) {
			t.Errorf("%s: the schemas do not refuse it: %v", name, err)
		}
	}
}

// fits holds one object against the schemas of all versions.
func fits(text string) error {
	files, err := schemasOf(text)
	if err != nil {
		return err
	}
	object, err := decoded([]byte(text))
	if err != nil {
		return err
	}
	for _, file := range files {
		schema, err := compiled(file)
		if err != nil {
			return err
		}
		if err := schema.Validate(object); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return nil
}

// schemasOf are the files of the schemas for an object.
func schemasOf(text string) ([]string, error) {
	var head struct{ APIVersion, Kind string }
	if err := yaml.Unmarshal([]byte(text), &head); err != nil {
		return nil, err
	}
	kind := strings.ToLower(head.Kind)
	group, version, hasGroup := strings.Cut(head.APIVersion, "/")
	if group == "monitoring.coreos.com" {
		return []string{filepath.Join(os.Getenv("OPERATOR_SCHEMAS"), group+"_"+kind+"s.yaml")}, nil
	}
	name := kind + "-" + group + ".json"
	if hasGroup {
		name = kind + "-" + strings.Split(group, ".")[0] + "-" + version + ".json"
	}
	var files []string
	for _, each := range versions {
		files = append(files, filepath.Join(os.Getenv("KUBERNETES_SCHEMAS"), each+"-local-strict", name))
	}
	return files, nil
}

func compiled(file string) (*jsonschema.Schema, error) {
	compiler := jsonschema.NewCompiler()
	compiler.UseLoader(jsonschema.SchemeURLLoader{"file": jsonschema.FileLoader{}, "https": neighbours(filepath.Dir(file))})
	if filepath.Ext(file) == ".json" {
		return compiler.Compile(file)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	definition, err := decoded(text)
	if err != nil {
		return nil, err
	}
	if err := compiler.AddResource(file, definition); err != nil {
		return nil, err
	}
	return compiler.Compile(file + "#/spec/versions/0/schema/openAPIV3Schema")
}

// neighbours finds what schemas refer to by the address that they say they have: it lies beside them.
type neighbours string

func (folder neighbours) Load(address string) (any, error) {
	text, err := os.ReadFile(filepath.Join(string(folder), path.Base(address)))
	if err != nil {
		return nil, err
	}
	return decoded(text)
}

// decoded reads YAML as the validator wants values.
func decoded(text []byte) (any, error) {
	json, err := yaml.YAMLToJSON(text)
	if err != nil {
		return nil, err
	}
	return jsonschema.UnmarshalJSON(bytes.NewReader(json))
}
