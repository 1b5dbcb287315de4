package hyperloom.interop;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What grpc-java does with a broker: {@code Scenarios BROKER_PORT AGED_PORT}, where the second broker ends connections after
 * a second. Prints {@code passed} or {@code failed} with the name of each scenario.
 */
public final class Scenarios {
  /** One scenario; what it throws says what does not hold. */
  interface Scenario {
    void run(ManagedChannel channel) throws Exception;
  }

  private Scenarios() {}

  public static void main(String[] arguments) throws InterruptedException {
    int port = Integer.parseInt(arguments[0]);
    Map<String, Scenario> scenarios = new LinkedHashMap<>();
    scenarios.put("writes and reads a node", Calls::writesAndReads);
    scenarios.put("compresses with gzip, and inflates replies", Calls::compresses);
    scenarios.put("sends and receives two megabytes in one message", Calls::bigMessage);
    scenarios.put("reads the details of a refusal", Calls::refusal);
    scenarios.put("meets its deadline in the middle of a stream", Calls::deadline);
    scenarios.put("follows a subscription", Streams::subscription);
    scenarios.put("publishes a thousand diffs over a stream, in order", Streams::publishStream);
    scenarios.put("cancels a stream and goes on with the connection", Streams::cancellation);
    scenarios.put("has 300 streams on one connection", Streams::parallelStreams);
    scenarios.put("is not held up by a stream that it does not read", Streams::slowReader);
    for (Map.Entry<String, Scenario> each : scenarios.entrySet()) {
      run(each.getKey(), port, each.getValue());
    }
    int agedPort = Integer.parseInt(arguments[1]);
    run("moves to new connections as old ones reach their age", agedPort, Aging::callsGoOn);
    run("keeps a stream over the GOAWAY of its connection", agedPort, Aging::streamGoesOn);
    System.exit(0);
  }

  private static void run(String name, int port, Scenario scenario) throws InterruptedException {
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", port)
            .usePlaintext()
            .maxInboundMessageSize(64 * 1024 * 1024)
            .build();
    try {
      scenario.run(channel);
      System.out.println("passed " + name);
    } catch (Exception | AssertionError failure) {
      System.out.println("failed " + name + ": " + failure);
      failure.printStackTrace();
    } finally {
      channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
    }
  }

  /** Fails with {@code what} unless it {@code holds}. */
  static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }

  /** Fails unless both are equal. */
  static void checkEqual(Object actual, Object expected) {
    check(actual.equals(expected), "expected " + expected + ", not " + actual);
  }
}
