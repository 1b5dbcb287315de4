import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.hyperloom.v1.BeginGhostRequest;
import dev.hyperloom.v1.CommitRequest;
import dev.hyperloom.v1.ContextServiceGrpc;
import dev.hyperloom.v1.GetRequest;
import dev.hyperloom.v1.Operation;
import dev.hyperloom.v1.PublishRequest;
import dev.hyperloom.v1.SubscribeRequest;
import dev.hyperloom.v1.Value;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.Optional;
import java.util.UUID;

public final class QuickStart {
  public static void main(String[] arguments) throws Exception {
    var address = Optional.ofNullable(System.getenv("HYPERLOOM_ADDRESS")).orElse("127.0.0.1:7400");
    var channel = Grpc.newChannelBuilder(address, InsecureChannelCredentials.create()).build();
    var context = ContextServiceGrpc.newBlockingStub(channel);
    var author = "researcher";

    // Write. A request id makes it safe to repeat: use a fresh one for each.
    var published = context.publish(PublishRequest.newBuilder()
        .addOperations(put("/session_1/task", "compare three databases"))
        .setAuthor(author)
        .setRequestId(UUID.randomUUID().toString())
        .build());
    System.out.println("published at revision " + published.getRevision());

    // Read.
    var task = context.get(GetRequest.newBuilder().setPath("/session_1/task").build()).getNode();
    System.out.println(task.getPath() + " by " + task.getAuthor() + ": " + task.getValue().getText());

    // Watch: the state first, then every change.
    var changes = context.subscribe(SubscribeRequest.newBuilder().addPatterns("/session_1/**").build());
    System.out.println(changes.next().getSnapshot().getNodesCount() + " nodes to begin with");

    // Try something risky in a ghost: nothing of it is seen by others before the commit.
    var ghost = context.beginGhost(
        BeginGhostRequest.newBuilder().setScope("/session_1").setAuthor(author).build()).getGhost();
    var staged = context.publish(PublishRequest.newBuilder()
        .setGhostId(ghost.getId())
        .setEdition(ghost.getEdition())
        .addOperations(put("/session_1/summary", "etcd sorts its keys"))
        .setAuthor(author)
        .build());
    try {
      context.get(GetRequest.newBuilder().setPath("/session_1/summary").build());
    } catch (StatusRuntimeException refused) {
      System.out.println("not on the trunk yet: " + errorInfo(refused).getReason());
    }
    var committed = context.commit(CommitRequest.newBuilder()
        .setGhostId(ghost.getId())
        .setEdition(staged.getEdition())
        .setAuthor(author)
        .build());
    System.out.println("committed at revision " + committed.getRevision());

    while (changes.hasNext()) {
      var item = changes.next();
      if (!item.hasEvent()) continue;
      var event = item.getEvent();
      System.out.println(
          event.getAuthor() + " changed " + event.getChanges(0).getPath() + " at revision " + event.getRevision());
      break;
    }
    channel.shutdownNow();
  }

  private static Operation put(String path, String text) {
    return Operation.newBuilder().setPath(path).setPut(Value.newBuilder().setText(text)).build();
  }

  /** Why the broker refused a call. Decide by its reason, never by the message. */
  private static ErrorInfo errorInfo(StatusRuntimeException refused) throws InvalidProtocolBufferException {
    for (Any detail : StatusProto.fromThrowable(refused).getDetailsList()) {
      if (detail.is(ErrorInfo.class)) return detail.unpack(ErrorInfo.class);
    }
    return ErrorInfo.getDefaultInstance();
  }
}
