package hyperloom.interop;

import static hyperloom.interop.Scenarios.check;
import static hyperloom.interop.Scenarios.checkEqual;

import hyperloom.v1.ContextServiceGrpc;
import hyperloom.v1.ContextServiceGrpc.ContextServiceBlockingStub;
import hyperloom.v1.ContextServiceOuterClass.PublishStreamRequest;
import hyperloom.v1.ContextServiceOuterClass.PublishStreamResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Scenarios of streams, alone and many at once. */
final class Streams {
  private Streams() {}

  static void subscription(ManagedChannel channel) throws Exception {
    ContextServiceBlockingStub stub = Requests.blocking(channel);
    stub.publish(Requests.put("/java/watched", "before"));
    Following following = Following.begin(channel, "/java/watched", true);
    checkEqual(following.next().getSnapshot().getNodes(0).getValue().getText(), "before");
    for (int round = 0; round < 200; round++) {
      stub.publish(Requests.put("/java/watched", "round " + round));
      checkEqual(following.nextText(), "round " + round);
    }
    following.cancel();
  }

  static void publishStream(ManagedChannel channel) throws Exception {
    List<Long> revisions = new ArrayList<>();
    CompletableFuture<Void> done = new CompletableFuture<>();
    StreamObserver<PublishStreamRequest> requests =
        ContextServiceGrpc.newStub(channel)
            .publishStream(
                new StreamObserver<>() {
                  @Override
                  public void onNext(PublishStreamResponse response) {
                    revisions.add(response.getPublished().getRevision());
                  }

                  @Override
                  public void onError(Throwable failure) {
                    done.completeExceptionally(failure);
                  }

                  @Override
                  public void onCompleted() {
                    done.complete(null);
                  }
                });
    for (int at = 0; at < 1_000; at++) {
      requests.onNext(Requests.append("/java/stream", "."));
    }
    requests.onCompleted();
    done.get(60, TimeUnit.SECONDS);
    checkEqual(revisions.size(), 1_000);
    for (int at = 1; at < 1_000; at++) {
      check(revisions.get(at) > revisions.get(at - 1), "outcomes are out of order");
    }
    String text = Requests.textOf(Requests.blocking(channel).get(Requests.get("/java/stream")));
    checkEqual(text, ".".repeat(1_000));
  }

  static void cancellation(ManagedChannel channel) throws Exception {
    ContextServiceBlockingStub stub = Requests.blocking(channel);
    stub.publish(Requests.put("/java/cancelled", "here"));
    for (int round = 0; round < 100; round++) {
      Following following = Following.begin(channel, "/java/cancelled", true);
      following.next();
      checkEqual(following.cancel().getCode(), Status.Code.CANCELLED);
    }
    checkEqual(Requests.textOf(stub.get(Requests.get("/java/cancelled"))), "here");
  }

  static void parallelStreams(ManagedChannel channel) throws Exception {
    ContextServiceBlockingStub stub = Requests.blocking(channel);
    stub.publish(Requests.put("/java/parallel", "before"));
    List<Following> all = new ArrayList<>();
    for (int count = 0; count < 300; count++) {
      all.add(Following.begin(channel, "/java/parallel", true));
    }
    for (Following each : all) {
      checkEqual(each.next().getSnapshot().getNodes(0).getValue().getText(), "before");
    }
    for (int round = 0; round < 5; round++) {
      stub.publish(Requests.put("/java/parallel", "round " + round));
      for (Following each : all) {
        checkEqual(each.nextText(), "round " + round);
      }
    }
    for (Following each : all) {
      each.cancel();
    }
  }

  static void slowReader(ManagedChannel channel) throws Exception {
    ContextServiceBlockingStub stub = Requests.blocking(channel);
    stub.publish(Requests.put("/java/slow", "before"));
    Following slow = Following.begin(channel, "/java/slow", false);
    slow.next();
    // More than all windows on the way hold.
    String text = "x".repeat(1024 * 1024);
    for (int round = 0; round < 24; round++) {
      stub.publish(Requests.put("/java/slow", text));
      checkEqual(stub.get(Requests.get("/java/slow")).getNode().getVersion(), round + 2L);
    }
    checkEqual(slow.cancel().getCode(), Status.Code.CANCELLED);
  }
}
