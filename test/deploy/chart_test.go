package deploy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"sigs.k8s.io/yaml"
)

// The suite's goal: the chart renders, and Kubernetes would know every field of what it renders. Method: Helm's own engine, and the types
// of Kubernetes and of the Prometheus operator read strictly: a field that does not exist, or is of another type, fails. Each object is
// held against their schemas, too (schema_test.go). Rules beyond schemas (a port that two containers want, a role that is missing) are in
// neither.

// kinds are what a chart may hold here, with an empty one of each.
var kinds = map[string]func() any{
	"v1/Service":                              func() any { return &corev1.Service{} },
	"v1/ServiceAccount":                       func() any { return &corev1.ServiceAccount{} },
	"apps/v1/StatefulSet":                     func() any { return &appsv1.StatefulSet{} },
	"apps/v1/Deployment":                      func() any { return &appsv1.Deployment{} },
	"policy/v1/PodDisruptionBudget":           func() any { return &policyv1.PodDisruptionBudget{} },
	"networking.k8s.io/v1/NetworkPolicy":      func() any { return &networkingv1.NetworkPolicy{} },
	"monitoring.coreos.com/v1/ServiceMonitor": func() any { return &monitoringv1.ServiceMonitor{} },
}

var everything = map[string]any{
	"tls":            map[string]any{"secretName": "hyperloom-tls"},
	"access":         map[string]any{"secretName": "hyperloom-access"},
	"settings":       map[string]any{"log-level": "warn", "keepalive-ms": 20_000},
	"serviceMonitor": map[string]any{"enabled": true, "tokenSecret": map[string]any{"name": "hyperloom-metrics"}},
	"podAnnotations": map[string]any{"example.com/team": "agents"},
	"podLabels":      map[string]any{"team": "agents"},
	"nodeSelector":   map[string]any{"disk": "ssd"},
	"tolerations":    []any{map[string]any{"key": "agents", "operator": "Exists"}},
	"networkPolicy":  map[string]any{"monitoringFrom": []any{map[string]any{"namespaceSelector": map[string]any{}}}},
	"journal":        map[string]any{"storage": map[string]any{"className": "local-ssd"}},
}

func TestChartOfOneBrokerBehindAMesh(t *testing.T) {
	objects := render(t, map[string]any{"insecureBehindMesh": true})
	has(t, objects, "StatefulSet", "Service", "Service", "ServiceAccount", "PodDisruptionBudget", "NetworkPolicy")
	set := one[*appsv1.StatefulSet](t, objects)
	if *set.Spec.Replicas != 1 || len(set.Spec.VolumeClaimTemplates) != 1 {
		t.Error("an embedded journal has one broker and one disk")
	}
	container := set.Spec.Template.Spec.Containers[0]
	if probe := container.ReadinessProbe; probe.GRPC == nil || probe.GRPC.Port != 7400 {
		t.Errorf("readiness is asked by %v", probe)
	}
	if !*container.SecurityContext.ReadOnlyRootFilesystem || !*set.Spec.Template.Spec.SecurityContext.RunAsNonRoot {
		t.Error("the container may write, or is root")
	}
	if grace := *set.Spec.Template.Spec.TerminationGracePeriodSeconds; grace != 40 {
		t.Errorf("%d s are not notice, drain and 15 s", grace)
	}
	for _, service := range all[*corev1.Service](objects) {
		if protocol := *service.Spec.Ports[0].AppProtocol; protocol != "kubernetes.io/h2c" {
			t.Errorf("%s speaks %s", service.Name, protocol)
		}
	}
}

func TestChartOfReplicasWithEverything(t *testing.T) {
	values := maps.Clone(everything)
	values["journal"] = map[string]any{"kind": "jetstream", "url": "nats://nats:4222?replicas=3"}
	objects := render(t, values)
	has(t, objects, "Deployment", "Service", "Service", "ServiceAccount", "PodDisruptionBudget", "NetworkPolicy", "ServiceMonitor")
	deployment := one[*appsv1.Deployment](t, objects)
	if *deployment.Spec.Replicas != 3 {
		t.Errorf("there are %d replicas", *deployment.Spec.Replicas)
	}
	container := deployment.Spec.Template.Spec.Containers[0]
	if container.ReadinessProbe.Exec == nil {
		t.Error("the kubelet cannot ask over TLS")
	}
	environment := map[string]string{}
	for _, variable := range container.Env {
		environment[variable.Name] = variable.Value
	}
	for name, value := range map[string]string{
		"HYPERLOOM_JOURNAL":               "nats://nats:4222?replicas=3",
		"HYPERLOOM_LOG_LEVEL":             "warn",
		"HYPERLOOM_KEEPALIVE_MS":          "20000",
		"HYPERLOOM_DRAIN_NOTICE_MS":       "5000",
		"HYPERLOOM_TLS_CERT":              "/etc/hyperloom/tls/tls.crt",
		"HYPERLOOM_ACCESS":                "/etc/hyperloom/access/access.yaml",
		"HYPERLOOM_CONNECTION_AGE_MS_MAX": "1800000",
	} {
		if environment[name] != value {
			t.Errorf("%s is %q instead of %q", name, environment[name], value)
		}
	}
	if _, ok := environment["HYPERLOOM_INSECURE_BEHIND_MESH"]; ok {
		t.Error("it would listen for strangers")
	}
	if policy := one[*networkingv1.NetworkPolicy](t, objects); len(policy.Spec.Egress) != 2 {
		t.Error("the replicas do not reach NATS and names, and nothing else")
	}
}

func TestChartOfOneBrokerWithEverything(t *testing.T) {
	render(t, everything)
}

func TestChartRefusesToListenForStrangers(t *testing.T) {
	for _, values := range []map[string]any{
		{},
		{"tls": map[string]any{"secretName": "tls"}},
		{"insecureBehindMesh": true, "journal": map[string]any{"kind": "paper"}},
	} {
		if _, err := rendered(t, values); err == nil {
			t.Errorf("%v renders", values)
		}
	}
}

func TestFieldsThatKubernetesDoesNotKnowAreRefused(t *testing.T) {
	text := "apiVersion: v1\nkind: Service\nspec: {ports: [{name: grpc, port: 7400, appProtcol: h2c}]}\n"
	if _, err := read(text); err == nil {
		t.Error("appProtcol is taken")
	}
}

func rendered(t *testing.T, values map[string]any) (map[string]string, error) {
	t.Helper()
	loaded, err := loader.Load("../../docs/deploy/helm/hyperloom")
	must(t, err)
	must(t, loaded.Validate())
	release := chartutil.ReleaseOptions{Name: "memory", Namespace: "agents", Revision: 1, IsInstall: true}
	known(t, loaded, values)
	merged, err := chartutil.ToRenderValues(loaded, values, release, chartutil.DefaultCapabilities)
	must(t, err)
	return engine.Engine{Strict: true}.Render(loaded, merged)
}

// known fails for a value of a test that the chart does not have: it would set nothing.
func known(t *testing.T, loaded *chart.Chart, values map[string]any) {
	t.Helper()
	for name := range values {
		if _, ok := loaded.Values[name]; !ok {
			t.Fatalf("the chart has no value %s", name)
		}
	}
}

func render(t *testing.T, values map[string]any) []any {
	t.Helper()
	files, err := rendered(t, values)
	must(t, err)
	var objects []any
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !strings.HasSuffix(name, ".yaml") {
			continue
		}
		for text := range strings.SplitSeq(files[name], "\n---\n") {
			if strings.TrimSpace(text) == "" {
				continue
			}
			object, err := read(text)
			if err == nil {
				err = fits(text)
			}
			if err != nil {
				t.Fatalf("%s: %v\n%s", name, err, text)
			}
			objects = append(objects, object)
		}
	}
	return objects
}

// read reads one object strictly.
func read(text string) (any, error) {
	var head struct{ APIVersion, Kind string }
	if err := yaml.Unmarshal([]byte(text), &head); err != nil {
		return nil, err
	}
	empty, ok := kinds[head.APIVersion+"/"+head.Kind]
	if !ok {
		return nil, fmt.Errorf("%s/%s is no kind of this chart", head.APIVersion, head.Kind)
	}
	object := empty()
	return object, yaml.UnmarshalStrict([]byte(text), object)
}

func all[Kind any](objects []any) []Kind {
	var found []Kind
	for _, object := range objects {
		if each, ok := object.(Kind); ok {
			found = append(found, each)
		}
	}
	return found
}

func one[Kind any](t *testing.T, objects []any) Kind {
	t.Helper()
	found := all[Kind](objects)
	if len(found) != 1 {
		t.Fatalf("there are %d of %T", len(found), *new(Kind))
	}
	return found[0]
}

// has fails unless the objects are of exactly these kinds.
func has(t *testing.T, objects []any, wanted ...string) {
	t.Helper()
	var found []string
	for _, object := range objects {
		text, err := yaml.Marshal(object)
		must(t, err)
		var head struct{ Kind string }
		must(t, yaml.Unmarshal(text, &head))
		found = append(found, head.Kind)
	}
	slices.Sort(found)
	slices.Sort(wanted)
	if !slices.Equal(found, wanted) {
		t.Errorf("the chart holds %v instead of %v", found, wanted)
	}
}
