package dev.hyperloom.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Leases and locks. They are kept alive with `ContextService.KeepAlive`, which takes any number of leases at once.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class LockServiceGrpc {

  private LockServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "hyperloom.v1.LockService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.GrantLeaseRequest,
      dev.hyperloom.v1.GrantLeaseResponse> getGrantLeaseMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GrantLease",
      requestType = dev.hyperloom.v1.GrantLeaseRequest.class,
      responseType = dev.hyperloom.v1.GrantLeaseResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.GrantLeaseRequest,
      dev.hyperloom.v1.GrantLeaseResponse> getGrantLeaseMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.GrantLeaseRequest, dev.hyperloom.v1.GrantLeaseResponse> getGrantLeaseMethod;
    if ((getGrantLeaseMethod = LockServiceGrpc.getGrantLeaseMethod) == null) {
      synchronized (LockServiceGrpc.class) {
        if ((getGrantLeaseMethod = LockServiceGrpc.getGrantLeaseMethod) == null) {
          LockServiceGrpc.getGrantLeaseMethod = getGrantLeaseMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.GrantLeaseRequest, dev.hyperloom.v1.GrantLeaseResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GrantLease"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.GrantLeaseRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.GrantLeaseResponse.getDefaultInstance()))
              .setSchemaDescriptor(new LockServiceMethodDescriptorSupplier("GrantLease"))
              .build();
        }
      }
    }
    return getGrantLeaseMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.EndLeaseRequest,
      dev.hyperloom.v1.EndLeaseResponse> getEndLeaseMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "EndLease",
      requestType = dev.hyperloom.v1.EndLeaseRequest.class,
      responseType = dev.hyperloom.v1.EndLeaseResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.EndLeaseRequest,
      dev.hyperloom.v1.EndLeaseResponse> getEndLeaseMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.EndLeaseRequest, dev.hyperloom.v1.EndLeaseResponse> getEndLeaseMethod;
    if ((getEndLeaseMethod = LockServiceGrpc.getEndLeaseMethod) == null) {
      synchronized (LockServiceGrpc.class) {
        if ((getEndLeaseMethod = LockServiceGrpc.getEndLeaseMethod) == null) {
          LockServiceGrpc.getEndLeaseMethod = getEndLeaseMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.EndLeaseRequest, dev.hyperloom.v1.EndLeaseResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "EndLease"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.EndLeaseRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.EndLeaseResponse.getDefaultInstance()))
              .setSchemaDescriptor(new LockServiceMethodDescriptorSupplier("EndLease"))
              .build();
        }
      }
    }
    return getEndLeaseMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.ListLeasesRequest,
      dev.hyperloom.v1.ListLeasesResponse> getListLeasesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListLeases",
      requestType = dev.hyperloom.v1.ListLeasesRequest.class,
      responseType = dev.hyperloom.v1.ListLeasesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.ListLeasesRequest,
      dev.hyperloom.v1.ListLeasesResponse> getListLeasesMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.ListLeasesRequest, dev.hyperloom.v1.ListLeasesResponse> getListLeasesMethod;
    if ((getListLeasesMethod = LockServiceGrpc.getListLeasesMethod) == null) {
      synchronized (LockServiceGrpc.class) {
        if ((getListLeasesMethod = LockServiceGrpc.getListLeasesMethod) == null) {
          LockServiceGrpc.getListLeasesMethod = getListLeasesMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.ListLeasesRequest, dev.hyperloom.v1.ListLeasesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListLeases"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.ListLeasesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.ListLeasesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new LockServiceMethodDescriptorSupplier("ListLeases"))
              .build();
        }
      }
    }
    return getListLeasesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.AcquireLockRequest,
      dev.hyperloom.v1.AcquireLockResponse> getAcquireLockMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "AcquireLock",
      requestType = dev.hyperloom.v1.AcquireLockRequest.class,
      responseType = dev.hyperloom.v1.AcquireLockResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.AcquireLockRequest,
      dev.hyperloom.v1.AcquireLockResponse> getAcquireLockMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.AcquireLockRequest, dev.hyperloom.v1.AcquireLockResponse> getAcquireLockMethod;
    if ((getAcquireLockMethod = LockServiceGrpc.getAcquireLockMethod) == null) {
      synchronized (LockServiceGrpc.class) {
        if ((getAcquireLockMethod = LockServiceGrpc.getAcquireLockMethod) == null) {
          LockServiceGrpc.getAcquireLockMethod = getAcquireLockMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.AcquireLockRequest, dev.hyperloom.v1.AcquireLockResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "AcquireLock"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.AcquireLockRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.AcquireLockResponse.getDefaultInstance()))
              .setSchemaDescriptor(new LockServiceMethodDescriptorSupplier("AcquireLock"))
              .build();
        }
      }
    }
    return getAcquireLockMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.ReleaseLockRequest,
      dev.hyperloom.v1.ReleaseLockResponse> getReleaseLockMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ReleaseLock",
      requestType = dev.hyperloom.v1.ReleaseLockRequest.class,
      responseType = dev.hyperloom.v1.ReleaseLockResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.ReleaseLockRequest,
      dev.hyperloom.v1.ReleaseLockResponse> getReleaseLockMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.ReleaseLockRequest, dev.hyperloom.v1.ReleaseLockResponse> getReleaseLockMethod;
    if ((getReleaseLockMethod = LockServiceGrpc.getReleaseLockMethod) == null) {
      synchronized (LockServiceGrpc.class) {
        if ((getReleaseLockMethod = LockServiceGrpc.getReleaseLockMethod) == null) {
          LockServiceGrpc.getReleaseLockMethod = getReleaseLockMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.ReleaseLockRequest, dev.hyperloom.v1.ReleaseLockResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ReleaseLock"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.ReleaseLockRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.ReleaseLockResponse.getDefaultInstance()))
              .setSchemaDescriptor(new LockServiceMethodDescriptorSupplier("ReleaseLock"))
              .build();
        }
      }
    }
    return getReleaseLockMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.InspectLocksRequest,
      dev.hyperloom.v1.InspectLocksResponse> getInspectLocksMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "InspectLocks",
      requestType = dev.hyperloom.v1.InspectLocksRequest.class,
      responseType = dev.hyperloom.v1.InspectLocksResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.InspectLocksRequest,
      dev.hyperloom.v1.InspectLocksResponse> getInspectLocksMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.InspectLocksRequest, dev.hyperloom.v1.InspectLocksResponse> getInspectLocksMethod;
    if ((getInspectLocksMethod = LockServiceGrpc.getInspectLocksMethod) == null) {
      synchronized (LockServiceGrpc.class) {
        if ((getInspectLocksMethod = LockServiceGrpc.getInspectLocksMethod) == null) {
          LockServiceGrpc.getInspectLocksMethod = getInspectLocksMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.InspectLocksRequest, dev.hyperloom.v1.InspectLocksResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "InspectLocks"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.InspectLocksRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.InspectLocksResponse.getDefaultInstance()))
              .setSchemaDescriptor(new LockServiceMethodDescriptorSupplier("InspectLocks"))
              .build();
        }
      }
    }
    return getInspectLocksMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static LockServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<LockServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<LockServiceStub>() {
        @java.lang.Override
        public LockServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new LockServiceStub(channel, callOptions);
        }
      };
    return LockServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static LockServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<LockServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<LockServiceBlockingV2Stub>() {
        @java.lang.Override
        public LockServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new LockServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return LockServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static LockServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<LockServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<LockServiceBlockingStub>() {
        @java.lang.Override
        public LockServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new LockServiceBlockingStub(channel, callOptions);
        }
      };
    return LockServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static LockServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<LockServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<LockServiceFutureStub>() {
        @java.lang.Override
        public LockServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new LockServiceFutureStub(channel, callOptions);
        }
      };
    return LockServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Leases and locks. They are kept alive with `ContextService.KeepAlive`, which takes any number of leases at once.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Takes a lease.
     * </pre>
     */
    default void grantLease(dev.hyperloom.v1.GrantLeaseRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.GrantLeaseResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGrantLeaseMethod(), responseObserver);
    }

    /**
     * <pre>
     * Ends a lease and all that hangs on it, now.
     * </pre>
     */
    default void endLease(dev.hyperloom.v1.EndLeaseRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.EndLeaseResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getEndLeaseMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the leases, in pages.
     * </pre>
     */
    default void listLeases(dev.hyperloom.v1.ListLeasesRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.ListLeasesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListLeasesMethod(), responseObserver);
    }

    /**
     * <pre>
     * Locks one or many subtrees. First come, first served; nobody overtakes who would make another wait longer. ABORTED with
     * a DeadlockReport where the wait would never end.
     * </pre>
     */
    default void acquireLock(dev.hyperloom.v1.AcquireLockRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.AcquireLockResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getAcquireLockMethod(), responseObserver);
    }

    /**
     * <pre>
     * Gives a lock back, or gives up waiting for it.
     * </pre>
     */
    default void releaseLock(dev.hyperloom.v1.ReleaseLockRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.ReleaseLockResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getReleaseLockMethod(), responseObserver);
    }

    /**
     * <pre>
     * Shows who holds what, who waits, and for whom, in pages.
     * </pre>
     */
    default void inspectLocks(dev.hyperloom.v1.InspectLocksRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.InspectLocksResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getInspectLocksMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service LockService.
   * <pre>
   * Leases and locks. They are kept alive with `ContextService.KeepAlive`, which takes any number of leases at once.
   * </pre>
   */
  public static abstract class LockServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return LockServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service LockService.
   * <pre>
   * Leases and locks. They are kept alive with `ContextService.KeepAlive`, which takes any number of leases at once.
   * </pre>
   */
  public static final class LockServiceStub
      extends io.grpc.stub.AbstractAsyncStub<LockServiceStub> {
    private LockServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected LockServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new LockServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Takes a lease.
     * </pre>
     */
    public void grantLease(dev.hyperloom.v1.GrantLeaseRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.GrantLeaseResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGrantLeaseMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Ends a lease and all that hangs on it, now.
     * </pre>
     */
    public void endLease(dev.hyperloom.v1.EndLeaseRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.EndLeaseResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getEndLeaseMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the leases, in pages.
     * </pre>
     */
    public void listLeases(dev.hyperloom.v1.ListLeasesRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.ListLeasesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListLeasesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Locks one or many subtrees. First come, first served; nobody overtakes who would make another wait longer. ABORTED with
     * a DeadlockReport where the wait would never end.
     * </pre>
     */
    public void acquireLock(dev.hyperloom.v1.AcquireLockRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.AcquireLockResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getAcquireLockMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Gives a lock back, or gives up waiting for it.
     * </pre>
     */
    public void releaseLock(dev.hyperloom.v1.ReleaseLockRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.ReleaseLockResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getReleaseLockMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Shows who holds what, who waits, and for whom, in pages.
     * </pre>
     */
    public void inspectLocks(dev.hyperloom.v1.InspectLocksRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.InspectLocksResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getInspectLocksMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service LockService.
   * <pre>
   * Leases and locks. They are kept alive with `ContextService.KeepAlive`, which takes any number of leases at once.
   * </pre>
   */
  public static final class LockServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<LockServiceBlockingV2Stub> {
    private LockServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected LockServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new LockServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Takes a lease.
     * </pre>
     */
    public dev.hyperloom.v1.GrantLeaseResponse grantLease(dev.hyperloom.v1.GrantLeaseRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGrantLeaseMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Ends a lease and all that hangs on it, now.
     * </pre>
     */
    public dev.hyperloom.v1.EndLeaseResponse endLease(dev.hyperloom.v1.EndLeaseRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getEndLeaseMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the leases, in pages.
     * </pre>
     */
    public dev.hyperloom.v1.ListLeasesResponse listLeases(dev.hyperloom.v1.ListLeasesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListLeasesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Locks one or many subtrees. First come, first served; nobody overtakes who would make another wait longer. ABORTED with
     * a DeadlockReport where the wait would never end.
     * </pre>
     */
    public dev.hyperloom.v1.AcquireLockResponse acquireLock(dev.hyperloom.v1.AcquireLockRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getAcquireLockMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Gives a lock back, or gives up waiting for it.
     * </pre>
     */
    public dev.hyperloom.v1.ReleaseLockResponse releaseLock(dev.hyperloom.v1.ReleaseLockRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getReleaseLockMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Shows who holds what, who waits, and for whom, in pages.
     * </pre>
     */
    public dev.hyperloom.v1.InspectLocksResponse inspectLocks(dev.hyperloom.v1.InspectLocksRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getInspectLocksMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service LockService.
   * <pre>
   * Leases and locks. They are kept alive with `ContextService.KeepAlive`, which takes any number of leases at once.
   * </pre>
   */
  public static final class LockServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<LockServiceBlockingStub> {
    private LockServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected LockServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new LockServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Takes a lease.
     * </pre>
     */
    public dev.hyperloom.v1.GrantLeaseResponse grantLease(dev.hyperloom.v1.GrantLeaseRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGrantLeaseMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Ends a lease and all that hangs on it, now.
     * </pre>
     */
    public dev.hyperloom.v1.EndLeaseResponse endLease(dev.hyperloom.v1.EndLeaseRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getEndLeaseMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the leases, in pages.
     * </pre>
     */
    public dev.hyperloom.v1.ListLeasesResponse listLeases(dev.hyperloom.v1.ListLeasesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListLeasesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Locks one or many subtrees. First come, first served; nobody overtakes who would make another wait longer. ABORTED with
     * a DeadlockReport where the wait would never end.
     * </pre>
     */
    public dev.hyperloom.v1.AcquireLockResponse acquireLock(dev.hyperloom.v1.AcquireLockRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getAcquireLockMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Gives a lock back, or gives up waiting for it.
     * </pre>
     */
    public dev.hyperloom.v1.ReleaseLockResponse releaseLock(dev.hyperloom.v1.ReleaseLockRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getReleaseLockMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Shows who holds what, who waits, and for whom, in pages.
     * </pre>
     */
    public dev.hyperloom.v1.InspectLocksResponse inspectLocks(dev.hyperloom.v1.InspectLocksRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getInspectLocksMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service LockService.
   * <pre>
   * Leases and locks. They are kept alive with `ContextService.KeepAlive`, which takes any number of leases at once.
   * </pre>
   */
  public static final class LockServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<LockServiceFutureStub> {
    private LockServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected LockServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new LockServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Takes a lease.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.hyperloom.v1.GrantLeaseResponse> grantLease(
        dev.hyperloom.v1.GrantLeaseRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGrantLeaseMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Ends a lease and all that hangs on it, now.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.hyperloom.v1.EndLeaseResponse> endLease(
        dev.hyperloom.v1.EndLeaseRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getEndLeaseMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the leases, in pages.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.hyperloom.v1.ListLeasesResponse> listLeases(
        dev.hyperloom.v1.ListLeasesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListLeasesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Locks one or many subtrees. First come, first served; nobody overtakes who would make another wait longer. ABORTED with
     * a DeadlockReport where the wait would never end.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.hyperloom.v1.AcquireLockResponse> acquireLock(
        dev.hyperloom.v1.AcquireLockRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getAcquireLockMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Gives a lock back, or gives up waiting for it.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.hyperloom.v1.ReleaseLockResponse> releaseLock(
        dev.hyperloom.v1.ReleaseLockRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getReleaseLockMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Shows who holds what, who waits, and for whom, in pages.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.hyperloom.v1.InspectLocksResponse> inspectLocks(
        dev.hyperloom.v1.InspectLocksRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getInspectLocksMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_GRANT_LEASE = 0;
  private static final int METHODID_END_LEASE = 1;
  private static final int METHODID_LIST_LEASES = 2;
  private static final int METHODID_ACQUIRE_LOCK = 3;
  private static final int METHODID_RELEASE_LOCK = 4;
  private static final int METHODID_INSPECT_LOCKS = 5;

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
        case METHODID_GRANT_LEASE:
          serviceImpl.grantLease((dev.hyperloom.v1.GrantLeaseRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.GrantLeaseResponse>) responseObserver);
          break;
        case METHODID_END_LEASE:
          serviceImpl.endLease((dev.hyperloom.v1.EndLeaseRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.EndLeaseResponse>) responseObserver);
          break;
        case METHODID_LIST_LEASES:
          serviceImpl.listLeases((dev.hyperloom.v1.ListLeasesRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.ListLeasesResponse>) responseObserver);
          break;
        case METHODID_ACQUIRE_LOCK:
          serviceImpl.acquireLock((dev.hyperloom.v1.AcquireLockRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.AcquireLockResponse>) responseObserver);
          break;
        case METHODID_RELEASE_LOCK:
          serviceImpl.releaseLock((dev.hyperloom.v1.ReleaseLockRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.ReleaseLockResponse>) responseObserver);
          break;
        case METHODID_INSPECT_LOCKS:
          serviceImpl.inspectLocks((dev.hyperloom.v1.InspectLocksRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.InspectLocksResponse>) responseObserver);
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
          getGrantLeaseMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.hyperloom.v1.GrantLeaseRequest,
              dev.hyperloom.v1.GrantLeaseResponse>(
                service, METHODID_GRANT_LEASE)))
        .addMethod(
          getEndLeaseMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.hyperloom.v1.EndLeaseRequest,
              dev.hyperloom.v1.EndLeaseResponse>(
                service, METHODID_END_LEASE)))
        .addMethod(
          getListLeasesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.hyperloom.v1.ListLeasesRequest,
              dev.hyperloom.v1.ListLeasesResponse>(
                service, METHODID_LIST_LEASES)))
        .addMethod(
          getAcquireLockMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.hyperloom.v1.AcquireLockRequest,
              dev.hyperloom.v1.AcquireLockResponse>(
                service, METHODID_ACQUIRE_LOCK)))
        .addMethod(
          getReleaseLockMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.hyperloom.v1.ReleaseLockRequest,
              dev.hyperloom.v1.ReleaseLockResponse>(
                service, METHODID_RELEASE_LOCK)))
        .addMethod(
          getInspectLocksMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.hyperloom.v1.InspectLocksRequest,
              dev.hyperloom.v1.InspectLocksResponse>(
                service, METHODID_INSPECT_LOCKS)))
        .build();
  }

  private static abstract class LockServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    LockServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.hyperloom.v1.LockServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("LockService");
    }
  }

  private static final class LockServiceFileDescriptorSupplier
      extends LockServiceBaseDescriptorSupplier {
    LockServiceFileDescriptorSupplier() {}
  }

  private static final class LockServiceMethodDescriptorSupplier
      extends LockServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    LockServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (LockServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new LockServiceFileDescriptorSupplier())
              .addMethod(getGrantLeaseMethod())
              .addMethod(getEndLeaseMethod())
              .addMethod(getListLeasesMethod())
              .addMethod(getAcquireLockMethod())
              .addMethod(getReleaseLockMethod())
              .addMethod(getInspectLocksMethod())
              .build();
        }
      }
    }
    return result;
  }
}
