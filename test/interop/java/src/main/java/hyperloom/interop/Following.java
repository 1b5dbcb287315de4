package hyperloom.interop;

import hyperloom.v1.ContextServiceGrpc;
import hyperloom.v1.ContextServiceOuterClass.SubscribeRequest;
import hyperloom.v1.ContextServiceOuterClass.SubscribeResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** One subscription: what it brought, and how it ended. */
final class Following implements ClientResponseObserver<SubscribeRequest, SubscribeResponse> {
  private final BlockingQueue<SubscribeResponse> received = new LinkedBlockingQueue<>();
  private final CompletableFuture<Status> end = new CompletableFuture<>();
  private final boolean isReading;
  private ClientCallStreamObserver<SubscribeRequest> call;

  private Following(boolean isReading) {
    this.isReading = isReading;
  }

  /** Begins; with {@code isReading} false it takes the first message and no more. */
  static Following begin(ManagedChannel channel, String pattern, boolean isReading) {
    Following following = new Following(isReading);
    ContextServiceGrpc.newStub(channel).subscribe(Requests.subscribe(pattern), following);
    return following;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<SubscribeRequest> begun) {
    call = begun;
    if (!isReading) {
      begun.disableAutoRequestWithInitial(1);
    }
  }

  @Override
  public void onNext(SubscribeResponse response) {
    received.add(response);
  }

  @Override
  public void onError(Throwable failure) {
    end.complete(Status.fromThrowable(failure));
  }

  @Override
  public void onCompleted() {
    end.complete(Status.OK);
  }

  /** The next message that is no bookmark. */
  SubscribeResponse next() throws InterruptedException {
    while (true) {
      SubscribeResponse response = received.poll(60, TimeUnit.SECONDS);
      Scenarios.check(response != null, "a subscription brought nothing for a minute; it ended: " + end);
      if (!response.hasBookmark()) {
        return response;
      }
    }
  }

  /** The first value that the next message, an event, puts. */
  String nextText() throws InterruptedException {
    SubscribeResponse response = next();
    Scenarios.check(response.hasEvent(), "expected an event, not " + response);
    return response.getEvent().getChanges(0).getPut().getText();
  }

  Status cancel() throws Exception {
    call.cancel("the scenario is over", null);
    return end.get(60, TimeUnit.SECONDS);
  }
}
