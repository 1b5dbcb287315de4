package hyperloom.interop;

import static hyperloom.interop.Scenarios.check;
import static hyperloom.interop.Scenarios.checkEqual;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import hyperloom.v1.ContextServiceGrpc.ContextServiceBlockingStub;
import hyperloom.v1.ContextServiceOuterClass.PublishResponse;
import hyperloom.v1.ContextServiceOuterClass.SubscribeResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;

/** Scenarios of calls with one answer, and of calls that fail. */
final class Calls {
  private Calls() {}

  static void writesAndReads(ManagedChannel channel) {
    ContextServiceBlockingStub stub = Requests.blocking(channel);
    for (int round = 0; round < 100; round++) {
      PublishResponse published = stub.publish(Requests.put("/java/unary", "round " + round + " ✓"));
      check(published.getRevision() > 0, "a publish without a revision");
      checkEqual(Requests.textOf(stub.get(Requests.get("/java/unary"))), "round " + round + " ✓");
    }
  }

  static void compresses(ManagedChannel channel) {
    ContextServiceBlockingStub stub = Requests.blocking(channel).withCompression("gzip");
    String text = "the same words again and again; ".repeat(10_000);
    stub.publish(Requests.put("/java/gzip", text));
    checkEqual(Requests.textOf(stub.get(Requests.get("/java/gzip"))), text);
  }

  static void bigMessage(ManagedChannel channel) {
    ContextServiceBlockingStub stub = Requests.blocking(channel);
    String text = "0123456789abcdef".repeat(2 * 1024 * 1024 / 16);
    stub.publish(Requests.put("/java/big", text));
    for (int round = 0; round < 5; round++) {
      checkEqual(Requests.textOf(stub.get(Requests.get("/java/big"))), text);
    }
  }

  static void refusal(ManagedChannel channel) throws InvalidProtocolBufferException {
    StatusRuntimeException refused = null;
    try {
      Requests.blocking(channel).publish(Requests.put("no path", "x"));
    } catch (StatusRuntimeException failure) {
      refused = failure;
    }
    check(refused != null, "a publish to a malformed path was not refused");
    checkEqual(refused.getStatus().getCode(), Code.INVALID_ARGUMENT);
    Status status = StatusProto.fromThrowable(refused);
    check(status != null, "the refusal has no details");
    boolean hasReason = false;
    boolean hasField = false;
    for (var detail : status.getDetailsList()) {
      if (detail.is(ErrorInfo.class)) {
        hasReason = !detail.unpack(ErrorInfo.class).getReason().isEmpty();
      }
      if (detail.is(BadRequest.class)) {
        var violation = detail.unpack(BadRequest.class).getFieldViolations(0);
        hasField = violation.getField().equals("operations[0].path");
      }
    }
    check(hasReason, "the refusal gives no reason: " + status);
    check(hasField, "the refusal does not name the field: " + status);
  }

  static void deadline(ManagedChannel channel) {
    Requests.blocking(channel).publish(Requests.put("/java/deadline", "here"));
    Iterator<SubscribeResponse> responses =
        Requests.blocking(channel)
            .withDeadlineAfter(1, TimeUnit.SECONDS)
            .subscribe(Requests.subscribe("/java/deadline"));
    check(responses.next().hasSnapshot(), "a subscription does not begin with a snapshot");
    Code code = Code.OK;
    try {
      while (responses.hasNext()) {
        responses.next();
      }
    } catch (StatusRuntimeException failure) {
      code = failure.getStatus().getCode();
    }
    checkEqual(code, Code.DEADLINE_EXCEEDED);
  }
}
