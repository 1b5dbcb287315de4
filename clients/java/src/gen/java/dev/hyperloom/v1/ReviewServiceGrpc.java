package dev.hyperloom.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Reviews of ghosts: for programs and people that a ghost's gates name. What is asked of them is journaled, so it waits for
 * them across restarts of theirs and of the broker.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class ReviewServiceGrpc {

  private ReviewServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "hyperloom.v1.ReviewService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.ListReviewsRequest,
      dev.hyperloom.v1.ListReviewsResponse> getListReviewsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListReviews",
      requestType = dev.hyperloom.v1.ListReviewsRequest.class,
      responseType = dev.hyperloom.v1.ListReviewsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.ListReviewsRequest,
      dev.hyperloom.v1.ListReviewsResponse> getListReviewsMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.ListReviewsRequest, dev.hyperloom.v1.ListReviewsResponse> getListReviewsMethod;
    if ((getListReviewsMethod = ReviewServiceGrpc.getListReviewsMethod) == null) {
      synchronized (ReviewServiceGrpc.class) {
        if ((getListReviewsMethod = ReviewServiceGrpc.getListReviewsMethod) == null) {
          ReviewServiceGrpc.getListReviewsMethod = getListReviewsMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.ListReviewsRequest, dev.hyperloom.v1.ListReviewsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListReviews"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.ListReviewsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.ListReviewsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ReviewServiceMethodDescriptorSupplier("ListReviews"))
              .build();
        }
      }
    }
    return getListReviewsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.SubscribeReviewsRequest,
      dev.hyperloom.v1.SubscribeReviewsResponse> getSubscribeReviewsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SubscribeReviews",
      requestType = dev.hyperloom.v1.SubscribeReviewsRequest.class,
      responseType = dev.hyperloom.v1.SubscribeReviewsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.SubscribeReviewsRequest,
      dev.hyperloom.v1.SubscribeReviewsResponse> getSubscribeReviewsMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.SubscribeReviewsRequest, dev.hyperloom.v1.SubscribeReviewsResponse> getSubscribeReviewsMethod;
    if ((getSubscribeReviewsMethod = ReviewServiceGrpc.getSubscribeReviewsMethod) == null) {
      synchronized (ReviewServiceGrpc.class) {
        if ((getSubscribeReviewsMethod = ReviewServiceGrpc.getSubscribeReviewsMethod) == null) {
          ReviewServiceGrpc.getSubscribeReviewsMethod = getSubscribeReviewsMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.SubscribeReviewsRequest, dev.hyperloom.v1.SubscribeReviewsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SubscribeReviews"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.SubscribeReviewsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.SubscribeReviewsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ReviewServiceMethodDescriptorSupplier("SubscribeReviews"))
              .build();
        }
      }
    }
    return getSubscribeReviewsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.ReviewRequest,
      dev.hyperloom.v1.ReviewResponse> getReviewMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Review",
      requestType = dev.hyperloom.v1.ReviewRequest.class,
      responseType = dev.hyperloom.v1.ReviewResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.ReviewRequest,
      dev.hyperloom.v1.ReviewResponse> getReviewMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.ReviewRequest, dev.hyperloom.v1.ReviewResponse> getReviewMethod;
    if ((getReviewMethod = ReviewServiceGrpc.getReviewMethod) == null) {
      synchronized (ReviewServiceGrpc.class) {
        if ((getReviewMethod = ReviewServiceGrpc.getReviewMethod) == null) {
          ReviewServiceGrpc.getReviewMethod = getReviewMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.ReviewRequest, dev.hyperloom.v1.ReviewResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Review"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.ReviewRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.ReviewResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ReviewServiceMethodDescriptorSupplier("Review"))
              .build();
        }
      }
    }
    return getReviewMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static ReviewServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ReviewServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ReviewServiceStub>() {
        @java.lang.Override
        public ReviewServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ReviewServiceStub(channel, callOptions);
        }
      };
    return ReviewServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static ReviewServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ReviewServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ReviewServiceBlockingV2Stub>() {
        @java.lang.Override
        public ReviewServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ReviewServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return ReviewServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static ReviewServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ReviewServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ReviewServiceBlockingStub>() {
        @java.lang.Override
        public ReviewServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ReviewServiceBlockingStub(channel, callOptions);
        }
      };
    return ReviewServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static ReviewServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ReviewServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ReviewServiceFutureStub>() {
        @java.lang.Override
        public ReviewServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ReviewServiceFutureStub(channel, callOptions);
        }
      };
    return ReviewServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Reviews of ghosts: for programs and people that a ghost's gates name. What is asked of them is journaled, so it waits for
   * them across restarts of theirs and of the broker.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Lists the reviews that are asked for, in pages.
     * </pre>
     */
    default void listReviews(dev.hyperloom.v1.ListReviewsRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.ListReviewsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListReviewsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Streams the reviews that are asked for: first those that are open, then what changes.
     * </pre>
     */
    default void subscribeReviews(dev.hyperloom.v1.SubscribeReviewsRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.SubscribeReviewsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSubscribeReviewsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Decides. The last approval that was missing commits the ghost; a rejection takes it back to its last checkpoint.
     * </pre>
     */
    default void review(dev.hyperloom.v1.ReviewRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.ReviewResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getReviewMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service ReviewService.
   * <pre>
   * Reviews of ghosts: for programs and people that a ghost's gates name. What is asked of them is journaled, so it waits for
   * them across restarts of theirs and of the broker.
   * </pre>
   */
  public static abstract class ReviewServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return ReviewServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service ReviewService.
   * <pre>
   * Reviews of ghosts: for programs and people that a ghost's gates name. What is asked of them is journaled, so it waits for
   * them across restarts of theirs and of the broker.
   * </pre>
   */
  public static final class ReviewServiceStub
      extends io.grpc.stub.AbstractAsyncStub<ReviewServiceStub> {
    private ReviewServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ReviewServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ReviewServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the reviews that are asked for, in pages.
     * </pre>
     */
    public void listReviews(dev.hyperloom.v1.ListReviewsRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.ListReviewsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListReviewsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Streams the reviews that are asked for: first those that are open, then what changes.
     * </pre>
     */
    public void subscribeReviews(dev.hyperloom.v1.SubscribeReviewsRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.SubscribeReviewsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getSubscribeReviewsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Decides. The last approval that was missing commits the ghost; a rejection takes it back to its last checkpoint.
     * </pre>
     */
    public void review(dev.hyperloom.v1.ReviewRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.ReviewResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getReviewMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service ReviewService.
   * <pre>
   * Reviews of ghosts: for programs and people that a ghost's gates name. What is asked of them is journaled, so it waits for
   * them across restarts of theirs and of the broker.
   * </pre>
   */
  public static final class ReviewServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<ReviewServiceBlockingV2Stub> {
    private ReviewServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ReviewServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ReviewServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the reviews that are asked for, in pages.
     * </pre>
     */
    public dev.hyperloom.v1.ListReviewsResponse listReviews(dev.hyperloom.v1.ListReviewsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListReviewsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Streams the reviews that are asked for: first those that are open, then what changes.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, dev.hyperloom.v1.SubscribeReviewsResponse>
        subscribeReviews(dev.hyperloom.v1.SubscribeReviewsRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getSubscribeReviewsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Decides. The last approval that was missing commits the ghost; a rejection takes it back to its last checkpoint.
     * </pre>
     */
    public dev.hyperloom.v1.ReviewResponse review(dev.hyperloom.v1.ReviewRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getReviewMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service ReviewService.
   * <pre>
   * Reviews of ghosts: for programs and people that a ghost's gates name. What is asked of them is journaled, so it waits for
   * them across restarts of theirs and of the broker.
   * </pre>
   */
  public static final class ReviewServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<ReviewServiceBlockingStub> {
    private ReviewServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ReviewServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ReviewServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the reviews that are asked for, in pages.
     * </pre>
     */
    public dev.hyperloom.v1.ListReviewsResponse listReviews(dev.hyperloom.v1.ListReviewsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListReviewsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Streams the reviews that are asked for: first those that are open, then what changes.
     * </pre>
     */
    public java.util.Iterator<dev.hyperloom.v1.SubscribeReviewsResponse> subscribeReviews(
        dev.hyperloom.v1.SubscribeReviewsRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getSubscribeReviewsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Decides. The last approval that was missing commits the ghost; a rejection takes it back to its last checkpoint.
     * </pre>
     */
    public dev.hyperloom.v1.ReviewResponse review(dev.hyperloom.v1.ReviewRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getReviewMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service ReviewService.
   * <pre>
   * Reviews of ghosts: for programs and people that a ghost's gates name. What is asked of them is journaled, so it waits for
   * them across restarts of theirs and of the broker.
   * </pre>
   */
  public static final class ReviewServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<ReviewServiceFutureStub> {
    private ReviewServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ReviewServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ReviewServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the reviews that are asked for, in pages.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.hyperloom.v1.ListReviewsResponse> listReviews(
        dev.hyperloom.v1.ListReviewsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListReviewsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Decides. The last approval that was missing commits the ghost; a rejection takes it back to its last checkpoint.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.hyperloom.v1.ReviewResponse> review(
        dev.hyperloom.v1.ReviewRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getReviewMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_LIST_REVIEWS = 0;
  private static final int METHODID_SUBSCRIBE_REVIEWS = 1;
  private static final int METHODID_REVIEW = 2;

  private static final class MethodHandlers<Req, Resp> implements
      io.grpc.stub.ServerCalls.UnaryMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ServerStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ClientStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.BidiStreamingMethod<Req, Resp> {
    private final AsyncService serviceImpl;
    private final int methodId;

    MethodHandlers(AsyncService serviceImpl, int methodId) {
      this.serviceImpl = serviceImpl;
      this.methodId = methodId;
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public void invoke(Req request, io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        case METHODID_LIST_REVIEWS:
          serviceImpl.listReviews((dev.hyperloom.v1.ListReviewsRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.ListReviewsResponse>) responseObserver);
          break;
        case METHODID_SUBSCRIBE_REVIEWS:
          serviceImpl.subscribeReviews((dev.hyperloom.v1.SubscribeReviewsRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.SubscribeReviewsResponse>) responseObserver);
          break;
        case METHODID_REVIEW:
          serviceImpl.review((dev.hyperloom.v1.ReviewRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.ReviewResponse>) responseObserver);
          break;
        default:
          throw new AssertionError();
      }
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public io.grpc.stub.StreamObserver<Req> invoke(
        io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getListReviewsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.hyperloom.v1.ListReviewsRequest,
              dev.hyperloom.v1.ListReviewsResponse>(
                service, METHODID_LIST_REVIEWS)))
        .addMethod(
          getSubscribeReviewsMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              dev.hyperloom.v1.SubscribeReviewsRequest,
              dev.hyperloom.v1.SubscribeReviewsResponse>(
                service, METHODID_SUBSCRIBE_REVIEWS)))
        .addMethod(
          getReviewMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.hyperloom.v1.ReviewRequest,
              dev.hyperloom.v1.ReviewResponse>(
                service, METHODID_REVIEW)))
        .build();
  }

  private static abstract class ReviewServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    ReviewServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.hyperloom.v1.ReviewServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("ReviewService");
    }
  }

  private static final class ReviewServiceFileDescriptorSupplier
      extends ReviewServiceBaseDescriptorSupplier {
    ReviewServiceFileDescriptorSupplier() {}
  }

  private static final class ReviewServiceMethodDescriptorSupplier
      extends ReviewServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    ReviewServiceMethodDescriptorSupplier(java.lang.String methodName) {
      this.methodName = methodName;
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.MethodDescriptor getMethodDescriptor() {
      return getServiceDescriptor().findMethodByName(methodName);
    }
  }

  private static volatile io.grpc.ServiceDescriptor serviceDescriptor;

  public static io.grpc.ServiceDescriptor getServiceDescriptor() {
    io.grpc.ServiceDescriptor result = serviceDescriptor;
    if (result == null) {
      synchronized (ReviewServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new ReviewServiceFileDescriptorSupplier())
              .addMethod(getListReviewsMethod())
              .addMethod(getSubscribeReviewsMethod())
              .addMethod(getReviewMethod())
              .build();
        }
      }
    }
    return result;
  }
}
