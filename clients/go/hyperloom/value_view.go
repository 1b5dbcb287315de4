package hyperloom

import hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"

// Form is the form in which values are told.
type Form string

const (
	// FormStored: as they are stored. It is the default.
	FormStored Form = "stored"
	// FormJSON: messages as canonical ProtoJSON, for programs without generated code; all else as stored. A message that has no such form
	// says why: see [value.Value.FormProblem].
	FormJSON Form = "json"
)

// InForm says in which form a read tells values. Typed nodes do without it.
func InForm(form Form) ReadOption {
	return func(v *view) { v.values = valueView(form, pinsOf(v.values)) }
}

// Pins are the versions of schemas, by name, that this program knows: it goes on reading while later versions get along with them, and is
// told where one does not ([ReasonSchemaSuperseded]). At most 100. Without: the newest.
func Pins(pins map[string]uint64) ReadOption {
	return func(v *view) { v.values = valueView(formOf(v.values), pins) }
}

// valueView is a part of a request; nil where nothing is asked for.
func valueView(form Form, pins map[string]uint64) *hyperloomv1.ValueView {
	if form != FormJSON && len(pins) == 0 {
		return nil
	}
	view := &hyperloomv1.ValueView{Form: form.message()}
	for schema, version := range pins {
		view.Pins = append(view.Pins, &hyperloomv1.SchemaPin{Schema: schema, Version: version})
	}
	return view
}

func (f Form) message() hyperloomv1.ValueForm {
	if f == FormJSON {
		return hyperloomv1.ValueForm_VALUE_FORM_JSON
	}
	return hyperloomv1.ValueForm_VALUE_FORM_UNSPECIFIED
}

func formOf(view *hyperloomv1.ValueView) Form {
	if view.GetForm() == hyperloomv1.ValueForm_VALUE_FORM_JSON {
		return FormJSON
	}
	return FormStored
}

func pinsOf(view *hyperloomv1.ValueView) map[string]uint64 {
	pins := make(map[string]uint64, len(view.GetPins()))
	for _, pin := range view.GetPins() {
		pins[pin.GetSchema()] = pin.GetVersion()
	}
	return pins
}
