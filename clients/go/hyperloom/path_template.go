package hyperloom

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
)

// pathTemplate is the path of a message, as its option says: /{session}/notes/{note}, in which a name stands for one segment.
type pathTemplate struct {
	text  string
	parts []templatePart
	names []string
}

// templatePart is a segment: a variable's name, or the segment itself.
type templatePart struct {
	text       string
	isVariable bool
}

func newPathTemplate(text string) pathTemplate {
	template := pathTemplate{text: text}
	for _, segment := range strings.Split(text, "/")[1:] {
		name, isOpened := strings.CutPrefix(segment, "{")
		name, isClosed := strings.CutSuffix(name, "}")
		if isOpened && isClosed {
			template.parts = append(template.parts, templatePart{name, true})
			template.names = append(template.names, name)
		} else {
			template.parts = append(template.parts, templatePart{segment, false})
		}
	}
	return template
}

// templateOf reads the option of a message.
func templateOf(descriptor protoreflect.MessageDescriptor) (pathTemplate, error) {
	options, _ := proto.GetExtension(descriptor.Options(), hyperloomv1.E_Node).(*hyperloomv1.NodeOptions)
	if options.GetPath() == "" {
		return pathTemplate{}, fmt.Errorf("%s has no option (hyperloom.v1.node).path, which says where it is kept", descriptor.FullName())
	}
	return newPathTemplate(options.GetPath()), nil
}

// path is the path for values of all variables, in their order.
func (t pathTemplate) path(values []string) (string, error) {
	for index, value := range values {
		if value == "" {
			return "", fmt.Errorf("%s needs %s, which is missing", t.text, t.names[index])
		}
	}
	return t.pattern(values)
}

// pattern is the pattern for some variables; an empty one is open.
func (t pathTemplate) pattern(values []string) (string, error) {
	var pattern strings.Builder
	variable := 0
	for _, part := range t.parts {
		segment := part.text
		if part.isVariable {
			segment = values[variable]
			if segment == "" {
				segment = "*"
			} else if problem := segmentProblem(segment); problem != "" {
				return "", fmt.Errorf("%s must be one segment of a path, and %q %s", part.text, segment, problem)
			}
			variable++
		}
		pattern.WriteString("/")
		pattern.WriteString(segment)
	}
	return pattern.String(), nil
}

// values are those of the variables in a path, in their order; false where it is none of these.
func (t pathTemplate) values(path string) ([]string, bool) {
	segments := strings.Split(path, "/")[1:]
	if len(segments) != len(t.parts) {
		return nil, false
	}
	values := make([]string, 0, len(t.names))
	for index, part := range t.parts {
		if part.isVariable {
			values = append(values, segments[index])
		} else if segments[index] != part.text {
			return nil, false
		}
	}
	return values, true
}

// selects tells whether a path is one of those of a pattern.
func (t pathTemplate) selects(path string, values []string) bool {
	found, ok := t.values(path)
	for index := range found {
		ok = ok && (values[index] == "" || values[index] == found[index])
	}
	return ok
}

// below is the lowest path that has all those of a pattern at or below it, and how far below; 0: it is the only one.
func below(pattern string) (string, uint32) {
	segments := strings.Split(pattern, "/")[1:]
	for index, segment := range segments {
		if segment == "*" {
			return "/" + strings.Join(segments[:index], "/"), uint32(len(segments) - index)
		}
	}
	return pattern, 0
}

// segmentProblem says why a text is no segment, so that nothing else than what was meant is read or written; empty where it is one.
func segmentProblem(text string) string {
	switch {
	case text == "." || text == "..":
		return "is no name"
	case strings.HasPrefix(text, "*"):
		return "begins with *"
	case strings.Contains(text, "/"):
		return "has a / in it"
	case len(text) > segmentBytesMax:
		return fmt.Sprintf("has more than %d bytes", segmentBytesMax)
	case !utf8.ValidString(text):
		return "is not UTF-8"
	case strings.ContainsFunc(text, unicode.IsControl):
		return "has a control character in it"
	default:
		return ""
	}
}
