package operation

import (
	"fmt"
	"reflect"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
	"hyperloom.dev/go/hyperloom/value"
)

// jsonItems takes a slice or an array of anything apart.
func jsonItems(addition any) (*hyperloomv1.JsonItems, error) {
	several := reflect.ValueOf(addition)
	if kind := several.Kind(); kind != reflect.Slice && kind != reflect.Array {
		return nil, fmt.Errorf("append takes a string, bytes or a slice of items, not %T", addition)
	}
	if _, ok := addition.(value.JSON); ok {
		return nil, fmt.Errorf("append takes items one by one: a []value.JSON, not a value.JSON")
	}
	items := &hyperloomv1.JsonItems{}
	for index := range several.Len() {
		text, err := value.EncodeJSON(several.Index(index).Interface())
		if err != nil {
			return nil, err
		}
		items.Json = append(items.Json, text)
	}
	return items, nil
}
