package hyperloom

import (
	"regexp"
	"strconv"
	"strings"
)

// SchemaProblem is why a value does not fit the schema of its path.
type SchemaProblem struct {
	// Operation of the diff, from 0; -1 where the request has none that could be named, as with a commit.
	Operation int
	// Field in the value, such as sources[1]; empty: the value as a whole. Without an operation: the path, and the field behind a #.
	Field string
	// Rule, such as string.min_len.
	Rule string
	// Message for people.
	Message string
}

var inOperation = regexp.MustCompile(`(?s)^operations\[(\d+)\]\.\w+\.(?:value|message_json)(?:\.(.+)|(\[.*)|)$`)

// Problems are each field with the rule that it breaks, as many as an answer can carry. Only with ErrSchemaViolation and
// ErrGateReverted.
func (e *Error) Problems() []SchemaProblem {
	if e.Reason != ReasonSchemaViolation && e.Reason != ReasonGateReverted {
		return nil
	}
	return mapped(e.Violations, problemOf)
}

func problemOf(violation FieldViolation) SchemaProblem {
	rule, message, ok := strings.Cut(violation.Description, ": ")
	if !ok {
		rule, message = "", violation.Description
	}
	problem := SchemaProblem{Operation: -1, Field: violation.Field, Rule: rule, Message: message}
	if found := inOperation.FindStringSubmatch(violation.Field); found != nil {
		if index, err := strconv.Atoi(found[1]); err == nil {
			problem.Operation, problem.Field = index, found[2]+found[3]
		}
	}
	return problem
}
