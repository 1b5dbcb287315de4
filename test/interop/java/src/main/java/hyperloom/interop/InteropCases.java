package hyperloom.interop;

import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannelBuilder;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.okhttp.OkHttpChannelBuilder;
import io.grpc.testing.integration.AbstractInteropTest;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * grpc-java's own interop tests against a server of another language: {@code InteropCases PORT}. Runs each on both of
 * grpc-java's HTTP/2 clients, and prints {@code passed} or {@code failed} with its name.
 */
public final class InteropCases extends AbstractInteropTest {
  /** One test of the base class. */
  interface Case {
    void run(AbstractInteropTest tests) throws Exception;
  }

  private final int port;
  private final boolean isOkHttp;

  private InteropCases(int port, boolean isOkHttp) {
    this.port = port;
    this.isOkHttp = isOkHttp;
  }

  public static void main(String[] arguments) {
    int port = Integer.parseInt(arguments[0]);
    for (Map.Entry<String, Case> each : cases().entrySet()) {
      run(each.getKey() + " with Netty", new InteropCases(port, false), each.getValue());
      run(each.getKey() + " with OkHttp", new InteropCases(port, true), each.getValue());
    }
    System.exit(0);
  }

  /** Those that need nothing of the server but the service itself, and go by no words that only grpc-java's server says. */
  private static Map<String, Case> cases() {
    Map<String, Case> cases = new LinkedHashMap<>();
    cases.put("emptyUnary", AbstractInteropTest::emptyUnary);
    cases.put("largeUnary", AbstractInteropTest::largeUnary);
    cases.put("serverStreaming", AbstractInteropTest::serverStreaming);
    cases.put("clientStreaming", AbstractInteropTest::clientStreaming);
    cases.put("pingPong", AbstractInteropTest::pingPong);
    cases.put("emptyStream", AbstractInteropTest::emptyStream);
    cases.put("cancelAfterBegin", AbstractInteropTest::cancelAfterBegin);
    cases.put("cancelAfterFirstResponse", AbstractInteropTest::cancelAfterFirstResponse);
    cases.put("fullDuplexCall", AbstractInteropTest::fullDuplexCallShouldSucceed);
    cases.put("flowControl", AbstractInteropTest::serverStreamingShouldBeFlowControlled);
    cases.put("veryLargeRequest", AbstractInteropTest::veryLargeRequest);
    cases.put("veryLargeResponse", AbstractInteropTest::veryLargeResponse);
    cases.put("deadlineNotExceeded", AbstractInteropTest::deadlineNotExceeded);
    cases.put("deadlineExceededServerStreaming", AbstractInteropTest::deadlineExceededServerStreaming);
    cases.put("deadlineInPast", AbstractInteropTest::deadlineInPast);
    cases.put("maxInboundSizeExact", AbstractInteropTest::maxInboundSize_exact);
    cases.put("maxInboundSizeTooBig", AbstractInteropTest::maxInboundSize_tooBig);
    cases.put("gracefulShutdown", AbstractInteropTest::gracefulShutdown);
    cases.put("customMetadata", AbstractInteropTest::customMetadata);
    cases.put("statusCodeAndMessage", AbstractInteropTest::statusCodeAndMessage);
    cases.put("specialStatusMessage", AbstractInteropTest::specialStatusMessage);
    cases.put("unimplementedMethod", AbstractInteropTest::unimplementedMethod);
    cases.put("unimplementedService", AbstractInteropTest::unimplementedService);
    cases.put("timeoutOnSleepingServer", AbstractInteropTest::timeoutOnSleepingServer);
    return cases;
  }

  private static void run(String title, InteropCases tests, Case test) {
    try {
      tests.setUp();
      try {
        test.run(tests);
      } finally {
        tests.tearDown();
      }
      System.out.println("passed " + title);
    } catch (Exception | AssertionError failure) {
      System.out.println("failed " + title + ": " + failure);
      failure.printStackTrace();
    }
  }

  @Override
  protected ManagedChannelBuilder<?> createChannelBuilder() {
    if (isOkHttp) {
      return OkHttpChannelBuilder.forAddress("127.0.0.1", port, InsecureChannelCredentials.create())
          .maxInboundMessageSize(16 * 1024 * 1024);
    }
    // A window that stands still, so that the test of flow control knows how much fits into it.
    return NettyChannelBuilder.forAddress("127.0.0.1", port)
        .usePlaintext()
        .flowControlWindow(65_535)
        .maxInboundMessageSize(16 * 1024 * 1024);
  }

  /** The server counts nothing that these tests could read. */
  @Override
  protected boolean metricsExpected() {
    return false;
  }
}
