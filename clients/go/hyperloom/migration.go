package hyperloom

import hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"

// Migration is the version of a schema to come, which stored values or clients do not get along with. In its ghost, values are judged by
// it; a program reads the old ones on the trunk and puts the new ones in the ghost. The commit brings them and the version in one revision,
// once no stored value is left as it was: it is refused with [ReasonSchemaBreaking] or [ReasonSchemaStored] before, whose Violations name
// what is missing, and the ghost lives on.
type Migration struct {
	// Name of the schema.
	Name       string
	Definition SchemaDefinition
	// ExpectedVersion is the newest one that the caller knows; ErrPreconditionFailed at the commit where it is another. 0: whichever it is.
	ExpectedVersion uint64
}

func (m *Migration) message() *hyperloomv1.SchemaMigration {
	if m == nil {
		return nil
	}
	return &hyperloomv1.SchemaMigration{
		Name: m.Name, Definition: m.Definition.message(), ExpectedVersion: m.ExpectedVersion,
	}
}
