package hyperloom

import (
	"context"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
)

// errorFrom is the typed error for a failed call of gRPC. Details that are not known are left out.
func errorFrom(ctx context.Context, err error, doing string) *Error {
	if ctx.Err() != nil {
		return errContext(ctx, doing)
	}
	told := status.Convert(err)
	typed := &Error{Code: told.Code(), Message: told.Message(), cause: err}
	for _, detail := range told.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			typed.Reason = Reason(detail.GetReason())
			typed.Metadata = detail.GetMetadata()
		case *errdetails.BadRequest:
			for _, violation := range detail.GetFieldViolations() {
				field := FieldViolation{Field: violation.GetField(), Description: violation.GetDescription()}
				typed.Violations = append(typed.Violations, field)
			}
		case *hyperloomv1.ConflictReport:
			typed.ConflictsTotal = detail.GetTotal()
			typed.Conflicts = mapped(detail.GetConflicts(), conflictFrom)
		case *hyperloomv1.DeadlockReport:
			typed.Circle = mapped(detail.GetMembers(), deadlockMemberFrom)
		}
	}
	return typed
}

// errorFromRefusal is the typed error for a refused publish on a stream.
func errorFromRefusal(refusal *hyperloomv1.Refusal) *Error {
	return &Error{
		Code:     codes.Code(refusal.GetCode()),
		Reason:   Reason(refusal.GetReason()),
		Message:  refusal.GetMessage(),
		Metadata: refusal.GetMetadata(),
		Violations: mapped(refusal.GetViolations(), func(violation *hyperloomv1.FieldViolation) FieldViolation {
			return FieldViolation{Field: violation.GetField(), Description: violation.GetDescription()}
		}),
	}
}

func mapped[From, To any](from []From, turn func(From) To) []To {
	if len(from) == 0 {
		return nil
	}
	to := make([]To, len(from))
	for index, each := range from {
		to[index] = turn(each)
	}
	return to
}
