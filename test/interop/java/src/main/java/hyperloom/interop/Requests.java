package hyperloom.interop;

import hyperloom.v1.ContextServiceGrpc;
import hyperloom.v1.ContextServiceGrpc.ContextServiceBlockingStub;
import hyperloom.v1.ContextServiceOuterClass.GetRequest;
import hyperloom.v1.ContextServiceOuterClass.GetResponse;
import hyperloom.v1.ContextServiceOuterClass.PublishRequest;
import hyperloom.v1.ContextServiceOuterClass.PublishStreamRequest;
import hyperloom.v1.ContextServiceOuterClass.SubscribeRequest;
import hyperloom.v1.NodeOuterClass.Value;
import hyperloom.v1.OperationOuterClass.Append;
import hyperloom.v1.OperationOuterClass.Operation;
import io.grpc.ManagedChannel;
import java.util.concurrent.TimeUnit;

/** The requests that scenarios send. */
final class Requests {
  private Requests() {}

  /** Calls that end within two minutes, whatever happens: machines that test may be busy. */
  static ContextServiceBlockingStub blocking(ManagedChannel channel) {
    return ContextServiceGrpc.newBlockingStub(channel).withDeadlineAfter(120, TimeUnit.SECONDS);
  }

  static PublishRequest put(String path, String text) {
    Operation operation =
        Operation.newBuilder().setPath(path).setPut(Value.newBuilder().setText(text)).build();
    return PublishRequest.newBuilder().addOperations(operation).setAuthor("java").build();
  }

  static PublishStreamRequest append(String path, String text) {
    Operation operation =
        Operation.newBuilder().setPath(path).setAppend(Append.newBuilder().setText(text)).build();
    PublishRequest publish = PublishRequest.newBuilder().addOperations(operation).build();
    return PublishStreamRequest.newBuilder().setPublish(publish).build();
  }

  static GetRequest get(String path) {
    return GetRequest.newBuilder().setPath(path).build();
  }

  static String textOf(GetResponse response) {
    return response.getNode().getValue().getText();
  }

  /** First what is there, so that the first message tells that the subscription has begun, then what changes. */
  static SubscribeRequest subscribe(String pattern) {
    return SubscribeRequest.newBuilder().addPatterns(pattern).build();
  }
}
