import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.hyperloom.conformance.v1.CallEnded;
import dev.hyperloom.conformance.v1.DriverReady;
import dev.hyperloom.conformance.v1.DriverRequest;
import dev.hyperloom.conformance.v1.DriverResponse;
import dev.hyperloom.conformance.v1.MessageReceived;
import dev.hyperloom.conformance.v1.StartCall;
import dev.hyperloom.v1.ContextServiceGrpc;
import dev.hyperloom.v1.ForestServiceGrpc;
import dev.hyperloom.v1.LockServiceGrpc;
import dev.hyperloom.v1.ReviewServiceGrpc;
import dev.hyperloom.v1.SchemaServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The Java driver: generated messages and methods over grpc-java. */
public final class Driver {
  private static final Map<String, MethodDescriptor<?, ?>> METHODS = methods();
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final OutputStream events = System.out;
  private final Map<Integer, ManagedChannel> clients = new HashMap<>();
  private final Map<Integer, String> tokens = new HashMap<>();
  private final Map<Long, Call<?, ?>> calls = new ConcurrentHashMap<>();

  public static void main(String[] arguments) throws IOException {
    new Driver().run();
  }

  private static Map<String, MethodDescriptor<?, ?>> methods() {
    var all = new HashMap<String, MethodDescriptor<?, ?>>();
    Stream.of(
            ContextServiceGrpc.getServiceDescriptor(),
            ForestServiceGrpc.getServiceDescriptor(),
            LockServiceGrpc.getServiceDescriptor(),
            ReviewServiceGrpc.getServiceDescriptor(),
            SchemaServiceGrpc.getServiceDescriptor())
        .flatMap(service -> service.getMethods().stream())
        .forEach(method -> all.put(method.getFullMethodName(), method));
    return all;
  }

  private void run() throws IOException {
    var client = "Java, grpc-java, " + System.getProperty("java.version");
    say(DriverResponse.newBuilder().setReady(DriverReady.newBuilder().setClient(client)));
    for (var request = DriverRequest.parseDelimitedFrom(System.in);
        request != null;
        request = DriverRequest.parseDelimitedFrom(System.in)) {
      obey(request);
    }
    // Threads of gRPC would keep the process.
    System.exit(0);
  }

  private void obey(DriverRequest request) {
    switch (request.getCommandCase()) {
      case CONNECT -> {
        var command = request.getConnect();
        var builder = Grpc.newChannelBuilder(command.getAddress(), InsecureChannelCredentials.create());
        clients.put(command.getClient(), builder.maxInboundMessageSize(Integer.MAX_VALUE).build());
        tokens.put(command.getClient(), command.getToken());
      }
      case DISCONNECT -> clients.remove(request.getDisconnect().getClient()).shutdownNow();
      case START -> start(METHODS.get(request.getStart().getMethod()), request.getStart());
      // A call may have ended while the command was on its way: then there is nothing left to do.
      case SEND -> {
        var call = calls.get(request.getSend().getCall());
        if (call != null) call.send(request.getSend().getMessage());
      }
      case FINISH -> {
        var call = calls.get(request.getFinish().getCall());
        if (call != null) call.finish();
      }
      case CANCEL -> {
        var call = calls.get(request.getCancel().getCall());
        if (call != null) call.cancel();
      }
      case COMMAND_NOT_SET -> throw new IllegalStateException("an unknown command");
    }
  }

  private <Q, A> void start(MethodDescriptor<Q, A> method, StartCall command) {
    var timeout = command.getTimeout();
    var nanos = TimeUnit.SECONDS.toNanos(timeout.getSeconds()) + timeout.getNanos();
    var options = CallOptions.DEFAULT.withDeadlineAfter(nanos, TimeUnit.NANOSECONDS);
    var call = new Call<>(command.getCall(), method, clients.get(command.getClient()).newCall(method, options));
    calls.put(command.getCall(), call);
    call.start(tokens.get(command.getClient()));
    if (command.hasRequest()) {
      call.send(command.getRequest());
      call.finish();
    }
  }

  private synchronized void say(DriverResponse.Builder response) {
    try {
      response.build().writeDelimitedTo(events);
      events.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A call under way. */
  private final class Call<Q, A> extends ClientCall.Listener<A> {
    private final long number;
    private final MethodDescriptor<Q, A> method;
    private final ClientCall<Q, A> call;

    Call(long number, MethodDescriptor<Q, A> method, ClientCall<Q, A> call) {
      this.number = number;
      this.method = method;
      this.call = call;
    }

    void start(String token) {
      var headers = new Metadata();
      if (!token.isEmpty()) headers.put(AUTHORIZATION, "Bearer " + token);
      call.start(this, headers);
      call.request(Integer.MAX_VALUE);
    }

    void send(ByteString message) {
      call.sendMessage(method.parseRequest(message.newInput()));
    }

    void finish() {
      call.halfClose();
    }

    void cancel() {
      call.cancel("given up", null);
    }

    @Override
    public void onMessage(A message) {
      var bytes = ((MessageLite) message).toByteString();
      say(DriverResponse.newBuilder().setReceived(MessageReceived.newBuilder().setCall(number).setMessage(bytes)));
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      calls.remove(number);
      var ended = CallEnded.newBuilder().setCall(number).setCode(status.getCode().value());
      if (status.getDescription() != null) ended.setMessage(status.getDescription());
      var details = StatusProto.fromStatusAndTrailers(status, trailers);
      if (details != null && details.getDetailsCount() > 0) ended.setStatus(details.toByteString());
      say(DriverResponse.newBuilder().setEnded(ended));
    }
  }
}
