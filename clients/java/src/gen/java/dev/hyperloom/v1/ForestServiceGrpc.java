package dev.hyperloom.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Operation of the broker and its forests.
 * A `request_id` (at most 128 bytes) makes a mutation safe to repeat, whatever ended in the middle of it: within the newest
 * 100,000 requests and one hour the broker answers a repetition with the first outcome, and refuses the id with
 * REQUEST_ID_REUSED where the request is another. Ids of `Compact` belong to its forest, those that make, delete or restore
 * forests to the broker.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class ForestServiceGrpc {

  private ForestServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "hyperloom.v1.ForestService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.CreateForestRequest,
      dev.hyperloom.v1.CreateForestResponse> getCreateForestMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateForest",
      requestType = dev.hyperloom.v1.CreateForestRequest.class,
      responseType = dev.hyperloom.v1.CreateForestResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.CreateForestRequest,
      dev.hyperloom.v1.CreateForestResponse> getCreateForestMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.CreateForestRequest, dev.hyperloom.v1.CreateForestResponse> getCreateForestMethod;
    if ((getCreateForestMethod = ForestServiceGrpc.getCreateForestMethod) == null) {
      synchronized (ForestServiceGrpc.class) {
        if ((getCreateForestMethod = ForestServiceGrpc.getCreateForestMethod) == null) {
          ForestServiceGrpc.getCreateForestMethod = getCreateForestMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.CreateForestRequest, dev.hyperloom.v1.CreateForestResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateForest"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.CreateForestRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.CreateForestResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ForestServiceMethodDescriptorSupplier("CreateForest"))
              .build();
        }
      }
    }
    return getCreateForestMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.ListForestsRequest,
      dev.hyperloom.v1.ListForestsResponse> getListForestsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListForests",
      requestType = dev.hyperloom.v1.ListForestsRequest.class,
      responseType = dev.hyperloom.v1.ListForestsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.ListForestsRequest,
      dev.hyperloom.v1.ListForestsResponse> getListForestsMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.ListForestsRequest, dev.hyperloom.v1.ListForestsResponse> getListForestsMethod;
    if ((getListForestsMethod = ForestServiceGrpc.getListForestsMethod) == null) {
      synchronized (ForestServiceGrpc.class) {
        if ((getListForestsMethod = ForestServiceGrpc.getListForestsMethod) == null) {
          ForestServiceGrpc.getListForestsMethod = getListForestsMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.ListForestsRequest, dev.hyperloom.v1.ListForestsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListForests"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.ListForestsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.ListForestsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ForestServiceMethodDescriptorSupplier("ListForests"))
              .build();
        }
      }
    }
    return getListForestsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.DeleteForestRequest,
      dev.hyperloom.v1.DeleteForestResponse> getDeleteForestMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteForest",
      requestType = dev.hyperloom.v1.DeleteForestRequest.class,
      responseType = dev.hyperloom.v1.DeleteForestResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.DeleteForestRequest,
      dev.hyperloom.v1.DeleteForestResponse> getDeleteForestMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.DeleteForestRequest, dev.hyperloom.v1.DeleteForestResponse> getDeleteForestMethod;
    if ((getDeleteForestMethod = ForestServiceGrpc.getDeleteForestMethod) == null) {
      synchronized (ForestServiceGrpc.class) {
        if ((getDeleteForestMethod = ForestServiceGrpc.getDeleteForestMethod) == null) {
          ForestServiceGrpc.getDeleteForestMethod = getDeleteForestMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.DeleteForestRequest, dev.hyperloom.v1.DeleteForestResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteForest"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.DeleteForestRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.DeleteForestResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ForestServiceMethodDescriptorSupplier("DeleteForest"))
              .build();
        }
      }
    }
    return getDeleteForestMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.CompactRequest,
      dev.hyperloom.v1.CompactResponse> getCompactMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Compact",
      requestType = dev.hyperloom.v1.CompactRequest.class,
      responseType = dev.hyperloom.v1.CompactResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.CompactRequest,
      dev.hyperloom.v1.CompactResponse> getCompactMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.CompactRequest, dev.hyperloom.v1.CompactResponse> getCompactMethod;
    if ((getCompactMethod = ForestServiceGrpc.getCompactMethod) == null) {
      synchronized (ForestServiceGrpc.class) {
        if ((getCompactMethod = ForestServiceGrpc.getCompactMethod) == null) {
          ForestServiceGrpc.getCompactMethod = getCompactMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.CompactRequest, dev.hyperloom.v1.CompactResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Compact"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.CompactRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.CompactResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ForestServiceMethodDescriptorSupplier("Compact"))
              .build();
        }
      }
    }
    return getCompactMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.BackupRequest,
      dev.hyperloom.v1.BackupResponse> getBackupMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Backup",
      requestType = dev.hyperloom.v1.BackupRequest.class,
      responseType = dev.hyperloom.v1.BackupResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.BackupRequest,
      dev.hyperloom.v1.BackupResponse> getBackupMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.BackupRequest, dev.hyperloom.v1.BackupResponse> getBackupMethod;
    if ((getBackupMethod = ForestServiceGrpc.getBackupMethod) == null) {
      synchronized (ForestServiceGrpc.class) {
        if ((getBackupMethod = ForestServiceGrpc.getBackupMethod) == null) {
          ForestServiceGrpc.getBackupMethod = getBackupMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.BackupRequest, dev.hyperloom.v1.BackupResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Backup"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.BackupRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.BackupResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ForestServiceMethodDescriptorSupplier("Backup"))
              .build();
        }
      }
    }
    return getBackupMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.RestoreRequest,
      dev.hyperloom.v1.RestoreResponse> getRestoreMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Restore",
      requestType = dev.hyperloom.v1.RestoreRequest.class,
      responseType = dev.hyperloom.v1.RestoreResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.CLIENT_STREAMING)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.RestoreRequest,
      dev.hyperloom.v1.RestoreResponse> getRestoreMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.RestoreRequest, dev.hyperloom.v1.RestoreResponse> getRestoreMethod;
    if ((getRestoreMethod = ForestServiceGrpc.getRestoreMethod) == null) {
      synchronized (ForestServiceGrpc.class) {
        if ((getRestoreMethod = ForestServiceGrpc.getRestoreMethod) == null) {
          ForestServiceGrpc.getRestoreMethod = getRestoreMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.RestoreRequest, dev.hyperloom.v1.RestoreResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.CLIENT_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Restore"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.RestoreRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.RestoreResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ForestServiceMethodDescriptorSupplier("Restore"))
              .build();
        }
      }
    }
    return getRestoreMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.GetStatusRequest,
      dev.hyperloom.v1.GetStatusResponse> getGetStatusMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetStatus",
      requestType = dev.hyperloom.v1.GetStatusRequest.class,
      responseType = dev.hyperloom.v1.GetStatusResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.GetStatusRequest,
      dev.hyperloom.v1.GetStatusResponse> getGetStatusMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.GetStatusRequest, dev.hyperloom.v1.GetStatusResponse> getGetStatusMethod;
    if ((getGetStatusMethod = ForestServiceGrpc.getGetStatusMethod) == null) {
      synchronized (ForestServiceGrpc.class) {
        if ((getGetStatusMethod = ForestServiceGrpc.getGetStatusMethod) == null) {
          ForestServiceGrpc.getGetStatusMethod = getGetStatusMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.GetStatusRequest, dev.hyperloom.v1.GetStatusResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetStatus"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.GetStatusRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.GetStatusResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ForestServiceMethodDescriptorSupplier("GetStatus"))
              .build();
        }
      }
    }
    return getGetStatusMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static ForestServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ForestServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ForestServiceStub>() {
        @java.lang.Override
        public ForestServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ForestServiceStub(channel, callOptions);
        }
      };
    return ForestServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static ForestServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ForestServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ForestServiceBlockingV2Stub>() {
        @java.lang.Override
        public ForestServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ForestServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return ForestServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static ForestServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ForestServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ForestServiceBlockingStub>() {
        @java.lang.Override
        public ForestServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ForestServiceBlockingStub(channel, callOptions);
        }
      };
    return ForestServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static ForestServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ForestServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ForestServiceFutureStub>() {
        @java.lang.Override
        public ForestServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ForestServiceFutureStub(channel, callOptions);
        }
      };
    return ForestServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Operation of the broker and its forests.
   * A `request_id` (at most 128 bytes) makes a mutation safe to repeat, whatever ended in the middle of it: within the newest
   * 100,000 requests and one hour the broker answers a repetition with the first outcome, and refuses the id with
   * REQUEST_ID_REUSED where the request is another. Ids of `Compact` belong to its forest, those that make, delete or restore
   * forests to the broker.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Creates an empty forest.
     * </pre>
     */
    default void createForest(dev.hyperloom.v1.CreateForestRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.CreateForestResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateForestMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the forests.
     * </pre>
     */
    default void listForests(dev.hyperloom.v1.ListForestsRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.ListForestsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListForestsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Deletes a forest and all its history. Cannot be undone.
     * </pre>
     */
    default void deleteForest(dev.hyperloom.v1.DeleteForestRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.DeleteForestResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteForestMethod(), responseObserver);
    }

    /**
     * <pre>
     * Drops history below a revision; state stays.
     * </pre>
     */
    default void compact(dev.hyperloom.v1.CompactRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.CompactResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCompactMethod(), responseObserver);
    }

    /**
     * <pre>
     * Streams a backup: the forest's state at one revision, checksummed. Writes go on meanwhile. One that breaks off can be gone on with.
     * </pre>
     */
    default void backup(dev.hyperloom.v1.BackupRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.BackupResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getBackupMethod(), responseObserver);
    }

    /**
     * <pre>
     * Creates a forest from a backup.
     * </pre>
     */
    default io.grpc.stub.StreamObserver<dev.hyperloom.v1.RestoreRequest> restore(
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.RestoreResponse> responseObserver) {
      return io.grpc.stub.ServerCalls.asyncUnimplementedStreamingCall(getRestoreMethod(), responseObserver);
    }

    /**
     * <pre>
     * How the broker and a forest are.
     * </pre>
     */
    default void getStatus(dev.hyperloom.v1.GetStatusRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.GetStatusResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetStatusMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service ForestService.
   * <pre>
   * Operation of the broker and its forests.
   * A `request_id` (at most 128 bytes) makes a mutation safe to repeat, whatever ended in the middle of it: within the newest
   * 100,000 requests and one hour the broker answers a repetition with the first outcome, and refuses the id with
   * REQUEST_ID_REUSED where the request is another. Ids of `Compact` belong to its forest, those that make, delete or restore
   * forests to the broker.
   * </pre>
   */
  public static abstract class ForestServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return ForestServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service ForestService.
   * <pre>
   * Operation of the broker and its forests.
   * A `request_id` (at most 128 bytes) makes a mutation safe to repeat, whatever ended in the middle of it: within the newest
   * 100,000 requests and one hour the broker answers a repetition with the first outcome, and refuses the id with
   * REQUEST_ID_REUSED where the request is another. Ids of `Compact` belong to its forest, those that make, delete or restore
   * forests to the broker.
   * </pre>
   */
  public static final class ForestServiceStub
      extends io.grpc.stub.AbstractAsyncStub<ForestServiceStub> {
    private ForestServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ForestServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ForestServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Creates an empty forest.
     * </pre>
     */
    public void createForest(dev.hyperloom.v1.CreateForestRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.CreateForestResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateForestMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the forests.
     * </pre>
     */
    public void listForests(dev.hyperloom.v1.ListForestsRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.ListForestsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListForestsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Deletes a forest and all its history. Cannot be undone.
     * </pre>
     */
    public void deleteForest(dev.hyperloom.v1.DeleteForestRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.DeleteForestResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteForestMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Drops history below a revision; state stays.
     * </pre>
     */
    public void compact(dev.hyperloom.v1.CompactRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.CompactResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCompactMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Streams a backup: the forest's state at one revision, checksummed. Writes go on meanwhile. One that breaks off can be gone on with.
     * </pre>
     */
    public void backup(dev.hyperloom.v1.BackupRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.BackupResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getBackupMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Creates a forest from a backup.
     * </pre>
     */
    public io.grpc.stub.StreamObserver<dev.hyperloom.v1.RestoreRequest> restore(
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.RestoreResponse> responseObserver) {
      return io.grpc.stub.ClientCalls.asyncClientStreamingCall(
          getChannel().newCall(getRestoreMethod(), getCallOptions()), responseObserver);
    }

    /**
     * <pre>
     * How the broker and a forest are.
     * </pre>
     */
    public void getStatus(dev.hyperloom.v1.GetStatusRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.GetStatusResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetStatusMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service ForestService.
   * <pre>
   * Operation of the broker and its forests.
   * A `request_id` (at most 128 bytes) makes a mutation safe to repeat, whatever ended in the middle of it: within the newest
   * 100,000 requests and one hour the broker answers a repetition with the first outcome, and refuses the id with
   * REQUEST_ID_REUSED where the request is another. Ids of `Compact` belong to its forest, those that make, delete or restore
   * forests to the broker.
   * </pre>
   */
  public static final class ForestServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<ForestServiceBlockingV2Stub> {
    private ForestServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ForestServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ForestServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Creates an empty forest.
     * </pre>
     */
    public dev.hyperloom.v1.CreateForestResponse createForest(dev.hyperloom.v1.CreateForestRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateForestMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the forests.
     * </pre>
     */
    public dev.hyperloom.v1.ListForestsResponse listForests(dev.hyperloom.v1.ListForestsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListForestsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a forest and all its history. Cannot be undone.
     * </pre>
     */
    public dev.hyperloom.v1.DeleteForestResponse deleteForest(dev.hyperloom.v1.DeleteForestRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteForestMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Drops history below a revision; state stays.
     * </pre>
     */
    public dev.hyperloom.v1.CompactResponse compact(dev.hyperloom.v1.CompactRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCompactMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Streams a backup: the forest's state at one revision, checksummed. Writes go on meanwhile. One that breaks off can be gone on with.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, dev.hyperloom.v1.BackupResponse>
        backup(dev.hyperloom.v1.BackupRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getBackupMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Creates a forest from a backup.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<dev.hyperloom.v1.RestoreRequest, dev.hyperloom.v1.RestoreResponse>
        restore() {
      return io.grpc.stub.ClientCalls.blockingClientStreamingCall(
          getChannel(), getRestoreMethod(), getCallOptions());
    }

    /**
     * <pre>
     * How the broker and a forest are.
     * </pre>
     */
    public dev.hyperloom.v1.GetStatusResponse getStatus(dev.hyperloom.v1.GetStatusRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetStatusMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service ForestService.
   * <pre>
   * Operation of the broker and its forests.
   * A `request_id` (at most 128 bytes) makes a mutation safe to repeat, whatever ended in the middle of it: within the newest
   * 100,000 requests and one hour the broker answers a repetition with the first outcome, and refuses the id with
   * REQUEST_ID_REUSED where the request is another. Ids of `Compact` belong to its forest, those that make, delete or restore
   * forests to the broker.
   * </pre>
   */
  public static final class ForestServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<ForestServiceBlockingStub> {
    private ForestServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ForestServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ForestServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Creates an empty forest.
     * </pre>
     */
    public dev.hyperloom.v1.CreateForestResponse createForest(dev.hyperloom.v1.CreateForestRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateForestMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the forests.
     * </pre>
     */
    public dev.hyperloom.v1.ListForestsResponse listForests(dev.hyperloom.v1.ListForestsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListForestsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a forest and all its history. Cannot be undone.
     * </pre>
     */
    public dev.hyperloom.v1.DeleteForestResponse deleteForest(dev.hyperloom.v1.DeleteForestRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteForestMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Drops history below a revision; state stays.
     * </pre>
     */
    public dev.hyperloom.v1.CompactResponse compact(dev.hyperloom.v1.CompactRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCompactMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Streams a backup: the forest's state at one revision, checksummed. Writes go on meanwhile. One that breaks off can be gone on with.
     * </pre>
     */
    public java.util.Iterator<dev.hyperloom.v1.BackupResponse> backup(
        dev.hyperloom.v1.BackupRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getBackupMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * How the broker and a forest are.
     * </pre>
     */
    public dev.hyperloom.v1.GetStatusResponse getStatus(dev.hyperloom.v1.GetStatusRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetStatusMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service ForestService.
   * <pre>
   * Operation of the broker and its forests.
   * A `request_id` (at most 128 bytes) makes a mutation safe to repeat, whatever ended in the middle of it: within the newest
   * 100,000 requests and one hour the broker answers a repetition with the first outcome, and refuses the id with
   * REQUEST_ID_REUSED where the request is another. Ids of `Compact` belong to its forest, those that make, delete or restore
   * forests to the broker.
   * </pre>
   */
  public static final class ForestServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<ForestServiceFutureStub> {
    private ForestServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ForestServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ForestServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Creates an empty forest.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.hyperloom.v1.CreateForestResponse> createForest(
        dev.hyperloom.v1.CreateForestRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateForestMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the forests.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.hyperloom.v1.ListForestsResponse> listForests(
        dev.hyperloom.v1.ListForestsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListForestsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Deletes a forest and all its history. Cannot be undone.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.hyperloom.v1.DeleteForestResponse> deleteForest(
        dev.hyperloom.v1.DeleteForestRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteForestMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Drops history below a revision; state stays.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.hyperloom.v1.CompactResponse> compact(
        dev.hyperloom.v1.CompactRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCompactMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * How the broker and a forest are.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.hyperloom.v1.GetStatusResponse> getStatus(
        dev.hyperloom.v1.GetStatusRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetStatusMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_CREATE_FOREST = 0;
  private static final int METHODID_LIST_FORESTS = 1;
  private static final int METHODID_DELETE_FOREST = 2;
  private static final int METHODID_COMPACT = 3;
  private static final int METHODID_BACKUP = 4;
  private static final int METHODID_GET_STATUS = 5;
  private static final int METHODID_RESTORE = 6;

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
        case METHODID_CREATE_FOREST:
          serviceImpl.createForest((dev.hyperloom.v1.CreateForestRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.CreateForestResponse>) responseObserver);
          break;
        case METHODID_LIST_FORESTS:
          serviceImpl.listForests((dev.hyperloom.v1.ListForestsRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.ListForestsResponse>) responseObserver);
          break;
        case METHODID_DELETE_FOREST:
          serviceImpl.deleteForest((dev.hyperloom.v1.DeleteForestRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.DeleteForestResponse>) responseObserver);
          break;
        case METHODID_COMPACT:
          serviceImpl.compact((dev.hyperloom.v1.CompactRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.CompactResponse>) responseObserver);
          break;
        case METHODID_BACKUP:
          serviceImpl.backup((dev.hyperloom.v1.BackupRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.BackupResponse>) responseObserver);
          break;
        case METHODID_GET_STATUS:
          serviceImpl.getStatus((dev.hyperloom.v1.GetStatusRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.GetStatusResponse>) responseObserver);
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
        case METHODID_RESTORE:
          return (io.grpc.stub.StreamObserver<Req>) serviceImpl.restore(
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.RestoreResponse>) responseObserver);
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getCreateForestMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.hyperloom.v1.CreateForestRequest,
              dev.hyperloom.v1.CreateForestResponse>(
                service, METHODID_CREATE_FOREST)))
        .addMethod(
          getListForestsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.hyperloom.v1.ListForestsRequest,
              dev.hyperloom.v1.ListForestsResponse>(
                service, METHODID_LIST_FORESTS)))
        .addMethod(
          getDeleteForestMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.hyperloom.v1.DeleteForestRequest,
              dev.hyperloom.v1.DeleteForestResponse>(
                service, METHODID_DELETE_FOREST)))
        .addMethod(
          getCompactMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.hyperloom.v1.CompactRequest,
              dev.hyperloom.v1.CompactResponse>(
                service, METHODID_COMPACT)))
        .addMethod(
          getBackupMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              dev.hyperloom.v1.BackupRequest,
              dev.hyperloom.v1.BackupResponse>(
                service, METHODID_BACKUP)))
        .addMethod(
          getRestoreMethod(),
          io.grpc.stub.ServerCalls.asyncClientStreamingCall(
            new MethodHandlers<
              dev.hyperloom.v1.RestoreRequest,
              dev.hyperloom.v1.RestoreResponse>(
                service, METHODID_RESTORE)))
        .addMethod(
          getGetStatusMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.hyperloom.v1.GetStatusRequest,
              dev.hyperloom.v1.GetStatusResponse>(
                service, METHODID_GET_STATUS)))
        .build();
  }

  private static abstract class ForestServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    ForestServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.hyperloom.v1.ForestServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("ForestService");
    }
  }

  private static final class ForestServiceFileDescriptorSupplier
      extends ForestServiceBaseDescriptorSupplier {
    ForestServiceFileDescriptorSupplier() {}
  }

  private static final class ForestServiceMethodDescriptorSupplier
      extends ForestServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    ForestServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (ForestServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new ForestServiceFileDescriptorSupplier())
              .addMethod(getCreateForestMethod())
              .addMethod(getListForestsMethod())
              .addMethod(getDeleteForestMethod())
              .addMethod(getCompactMethod())
              .addMethod(getBackupMethod())
              .addMethod(getRestoreMethod())
              .addMethod(getGetStatusMethod())
              .build();
        }
      }
    }
    return result;
  }
}
