package hyperloom.interop;

import static hyperloom.interop.Scenarios.check;
import static hyperloom.interop.Scenarios.checkEqual;

import hyperloom.v1.ContextServiceGrpc.ContextServiceBlockingStub;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.net.SocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Scenarios with a broker that tells each connection to go away after a second. */
final class Aging {
  private Aging() {}

  /** No call fails, though several connections end meanwhile. */
  static void callsGoOn(ManagedChannel channel) {
    Connections connections = new Connections();
    ContextServiceBlockingStub stub = Requests.blocking(channel).withInterceptors(connections);
    int count = 0;
    while (connections.seen.size() < 4) {
      stub.publish(Requests.put("/java/aging", "call " + count));
      checkEqual(Requests.textOf(stub.get(Requests.get("/java/aging"))), "call " + count);
      count += 1;
    }
    check(count > 4, "too few calls to say anything");
  }

  /** A connection that was told to go away still carries the streams that it has. */
  static void streamGoesOn(ManagedChannel channel) throws Exception {
    Connections connections = new Connections();
    ContextServiceBlockingStub stub = Requests.blocking(channel).withInterceptors(connections);
    stub.publish(Requests.put("/java/kept", "before"));
    Following following = Following.begin(channel, "/java/kept", true);
    following.next();
    int round = 0;
    while (connections.seen.size() < 3) {
      stub.publish(Requests.put("/java/kept", "round " + round));
      checkEqual(following.nextText(), "round " + round);
      round += 1;
    }
    following.cancel();
  }

  /** Notes over which connections answers came, by the client's own address of each. */
  private static final class Connections implements ClientInterceptor {
    final Set<SocketAddress> seen = ConcurrentHashMap.newKeySet();

    @Override
    public <Q, P> ClientCall<Q, P> interceptCall(
        MethodDescriptor<Q, P> method, CallOptions options, Channel next) {
      return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
        @Override
        public void start(Listener<P> listener, Metadata headers) {
          super.start(
              new SimpleForwardingClientCallListener<>(listener) {
                @Override
                public void onHeaders(Metadata received) {
                  seen.add(getAttributes().get(Grpc.TRANSPORT_ATTR_LOCAL_ADDR));
                  super.onHeaders(received);
                }
              },
              headers);
        }
      };
    }
  }
}
