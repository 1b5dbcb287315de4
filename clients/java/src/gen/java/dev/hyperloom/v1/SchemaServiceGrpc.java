package dev.hyperloom.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Typed state: the schemas of a forest.
 * Where a schema is bound, a path holds only what fits its newest version, whoever writes it and in whatever way: publishes,
 * ghosts and their commits, copies, reverts, restored backups. What does not fit is refused with SCHEMA_VIOLATION, and nothing
 * of the diff takes effect; what counts is the value that a node would have afterwards. A value at a path that is bound to a
 * message is an `Any` of that message; one at a path with a JSON Schema is JSON. Fields that the schema does not know stay.
 * A schema is part of the forest's state: a registration makes a revision, is in backups, and is read back as of any revision.
 * An empty `forest` means `default`; `request_id` and `author` are as in `ContextService`.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class SchemaServiceGrpc {

  private SchemaServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "hyperloom.v1.SchemaService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.RegisterSchemaRequest,
      dev.hyperloom.v1.RegisterSchemaResponse> getRegisterSchemaMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RegisterSchema",
      requestType = dev.hyperloom.v1.RegisterSchemaRequest.class,
      responseType = dev.hyperloom.v1.RegisterSchemaResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.RegisterSchemaRequest,
      dev.hyperloom.v1.RegisterSchemaResponse> getRegisterSchemaMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.RegisterSchemaRequest, dev.hyperloom.v1.RegisterSchemaResponse> getRegisterSchemaMethod;
    if ((getRegisterSchemaMethod = SchemaServiceGrpc.getRegisterSchemaMethod) == null) {
      synchronized (SchemaServiceGrpc.class) {
        if ((getRegisterSchemaMethod = SchemaServiceGrpc.getRegisterSchemaMethod) == null) {
          SchemaServiceGrpc.getRegisterSchemaMethod = getRegisterSchemaMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.RegisterSchemaRequest, dev.hyperloom.v1.RegisterSchemaResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RegisterSchema"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.RegisterSchemaRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.RegisterSchemaResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SchemaServiceMethodDescriptorSupplier("RegisterSchema"))
              .build();
        }
      }
    }
    return getRegisterSchemaMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.ValidateSchemaRequest,
      dev.hyperloom.v1.ValidateSchemaResponse> getValidateSchemaMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ValidateSchema",
      requestType = dev.hyperloom.v1.ValidateSchemaRequest.class,
      responseType = dev.hyperloom.v1.ValidateSchemaResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.ValidateSchemaRequest,
      dev.hyperloom.v1.ValidateSchemaResponse> getValidateSchemaMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.ValidateSchemaRequest, dev.hyperloom.v1.ValidateSchemaResponse> getValidateSchemaMethod;
    if ((getValidateSchemaMethod = SchemaServiceGrpc.getValidateSchemaMethod) == null) {
      synchronized (SchemaServiceGrpc.class) {
        if ((getValidateSchemaMethod = SchemaServiceGrpc.getValidateSchemaMethod) == null) {
          SchemaServiceGrpc.getValidateSchemaMethod = getValidateSchemaMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.ValidateSchemaRequest, dev.hyperloom.v1.ValidateSchemaResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ValidateSchema"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.ValidateSchemaRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.ValidateSchemaResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SchemaServiceMethodDescriptorSupplier("ValidateSchema"))
              .build();
        }
      }
    }
    return getValidateSchemaMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.GetSchemaRequest,
      dev.hyperloom.v1.GetSchemaResponse> getGetSchemaMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetSchema",
      requestType = dev.hyperloom.v1.GetSchemaRequest.class,
      responseType = dev.hyperloom.v1.GetSchemaResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.GetSchemaRequest,
      dev.hyperloom.v1.GetSchemaResponse> getGetSchemaMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.GetSchemaRequest, dev.hyperloom.v1.GetSchemaResponse> getGetSchemaMethod;
    if ((getGetSchemaMethod = SchemaServiceGrpc.getGetSchemaMethod) == null) {
      synchronized (SchemaServiceGrpc.class) {
        if ((getGetSchemaMethod = SchemaServiceGrpc.getGetSchemaMethod) == null) {
          SchemaServiceGrpc.getGetSchemaMethod = getGetSchemaMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.GetSchemaRequest, dev.hyperloom.v1.GetSchemaResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetSchema"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.GetSchemaRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.GetSchemaResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SchemaServiceMethodDescriptorSupplier("GetSchema"))
              .build();
        }
      }
    }
    return getGetSchemaMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.ListSchemasRequest,
      dev.hyperloom.v1.ListSchemasResponse> getListSchemasMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListSchemas",
      requestType = dev.hyperloom.v1.ListSchemasRequest.class,
      responseType = dev.hyperloom.v1.ListSchemasResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.ListSchemasRequest,
      dev.hyperloom.v1.ListSchemasResponse> getListSchemasMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.ListSchemasRequest, dev.hyperloom.v1.ListSchemasResponse> getListSchemasMethod;
    if ((getListSchemasMethod = SchemaServiceGrpc.getListSchemasMethod) == null) {
      synchronized (SchemaServiceGrpc.class) {
        if ((getListSchemasMethod = SchemaServiceGrpc.getListSchemasMethod) == null) {
          SchemaServiceGrpc.getListSchemasMethod = getListSchemasMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.ListSchemasRequest, dev.hyperloom.v1.ListSchemasResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListSchemas"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.ListSchemasRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.ListSchemasResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SchemaServiceMethodDescriptorSupplier("ListSchemas"))
              .build();
        }
      }
    }
    return getListSchemasMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.SetUnboundPathsRequest,
      dev.hyperloom.v1.SetUnboundPathsResponse> getSetUnboundPathsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SetUnboundPaths",
      requestType = dev.hyperloom.v1.SetUnboundPathsRequest.class,
      responseType = dev.hyperloom.v1.SetUnboundPathsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.SetUnboundPathsRequest,
      dev.hyperloom.v1.SetUnboundPathsResponse> getSetUnboundPathsMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.SetUnboundPathsRequest, dev.hyperloom.v1.SetUnboundPathsResponse> getSetUnboundPathsMethod;
    if ((getSetUnboundPathsMethod = SchemaServiceGrpc.getSetUnboundPathsMethod) == null) {
      synchronized (SchemaServiceGrpc.class) {
        if ((getSetUnboundPathsMethod = SchemaServiceGrpc.getSetUnboundPathsMethod) == null) {
          SchemaServiceGrpc.getSetUnboundPathsMethod = getSetUnboundPathsMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.SetUnboundPathsRequest, dev.hyperloom.v1.SetUnboundPathsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SetUnboundPaths"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.SetUnboundPathsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.SetUnboundPathsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SchemaServiceMethodDescriptorSupplier("SetUnboundPaths"))
              .build();
        }
      }
    }
    return getSetUnboundPathsMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static SchemaServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SchemaServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SchemaServiceStub>() {
        @java.lang.Override
        public SchemaServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SchemaServiceStub(channel, callOptions);
        }
      };
    return SchemaServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static SchemaServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SchemaServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SchemaServiceBlockingV2Stub>() {
        @java.lang.Override
        public SchemaServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SchemaServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return SchemaServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static SchemaServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SchemaServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SchemaServiceBlockingStub>() {
        @java.lang.Override
        public SchemaServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SchemaServiceBlockingStub(channel, callOptions);
        }
      };
    return SchemaServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static SchemaServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SchemaServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SchemaServiceFutureStub>() {
        @java.lang.Override
        public SchemaServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SchemaServiceFutureStub(channel, callOptions);
        }
      };
    return SchemaServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Typed state: the schemas of a forest.
   * Where a schema is bound, a path holds only what fits its newest version, whoever writes it and in whatever way: publishes,
   * ghosts and their commits, copies, reverts, restored backups. What does not fit is refused with SCHEMA_VIOLATION, and nothing
   * of the diff takes effect; what counts is the value that a node would have afterwards. A value at a path that is bound to a
   * message is an `Any` of that message; one at a path with a JSON Schema is JSON. Fields that the schema does not know stay.
   * A schema is part of the forest's state: a registration makes a revision, is in backups, and is read back as of any revision.
   * An empty `forest` means `default`; `request_id` and `author` are as in `ContextService`.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Registers a schema, or the next version of one. It is in force when the call answers.
     * INVALID_SCHEMA where the definition is wrong in itself, SCHEMA_OVERLAP where it is about paths of another schema,
     * SCHEMA_BREAKING where clients and values of the version before would not get along with it, SCHEMA_STORED where values that
     * are there do not fit. Nothing is changed then; a `mapping`, or a ghost with a `SchemaMigration`, is the way to such a version. Registering what is the newest version already changes nothing and is no error.
     * </pre>
     */
    default void registerSchema(dev.hyperloom.v1.RegisterSchemaRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.RegisterSchemaResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRegisterSchemaMethod(), responseObserver);
    }

    /**
     * <pre>
     * Says what RegisterSchema would answer, and changes nothing.
     * </pre>
     */
    default void validateSchema(dev.hyperloom.v1.ValidateSchemaRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.ValidateSchemaResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getValidateSchemaMethod(), responseObserver);
    }

    /**
     * <pre>
     * Reads one version of a schema. SCHEMA_NOT_FOUND where there is none.
     * </pre>
     */
    default void getSchema(dev.hyperloom.v1.GetSchemaRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.GetSchemaResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetSchemaMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the newest version of each schema, by name, without definitions.
     * </pre>
     */
    default void listSchemas(dev.hyperloom.v1.ListSchemasRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.ListSchemasResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListSchemasMethod(), responseObserver);
    }

    /**
     * <pre>
     * Makes a forest strict, or lets it go. SCHEMA_STORED where it is to be strict and holds values at paths of no schema.
     * </pre>
     */
    default void setUnboundPaths(dev.hyperloom.v1.SetUnboundPathsRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.SetUnboundPathsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSetUnboundPathsMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service SchemaService.
   * <pre>
   * Typed state: the schemas of a forest.
   * Where a schema is bound, a path holds only what fits its newest version, whoever writes it and in whatever way: publishes,
   * ghosts and their commits, copies, reverts, restored backups. What does not fit is refused with SCHEMA_VIOLATION, and nothing
   * of the diff takes effect; what counts is the value that a node would have afterwards. A value at a path that is bound to a
   * message is an `Any` of that message; one at a path with a JSON Schema is JSON. Fields that the schema does not know stay.
   * A schema is part of the forest's state: a registration makes a revision, is in backups, and is read back as of any revision.
   * An empty `forest` means `default`; `request_id` and `author` are as in `ContextService`.
   * </pre>
   */
  public static abstract class SchemaServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return SchemaServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service SchemaService.
   * <pre>
   * Typed state: the schemas of a forest.
   * Where a schema is bound, a path holds only what fits its newest version, whoever writes it and in whatever way: publishes,
   * ghosts and their commits, copies, reverts, restored backups. What does not fit is refused with SCHEMA_VIOLATION, and nothing
   * of the diff takes effect; what counts is the value that a node would have afterwards. A value at a path that is bound to a
   * message is an `Any` of that message; one at a path with a JSON Schema is JSON. Fields that the schema does not know stay.
   * A schema is part of the forest's state: a registration makes a revision, is in backups, and is read back as of any revision.
   * An empty `forest` means `default`; `request_id` and `author` are as in `ContextService`.
   * </pre>
   */
  public static final class SchemaServiceStub
      extends io.grpc.stub.AbstractAsyncStub<SchemaServiceStub> {
    private SchemaServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SchemaServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SchemaServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Registers a schema, or the next version of one. It is in force when the call answers.
     * INVALID_SCHEMA where the definition is wrong in itself, SCHEMA_OVERLAP where it is about paths of another schema,
     * SCHEMA_BREAKING where clients and values of the version before would not get along with it, SCHEMA_STORED where values that
     * are there do not fit. Nothing is changed then; a `mapping`, or a ghost with a `SchemaMigration`, is the way to such a version. Registering what is the newest version already changes nothing and is no error.
     * </pre>
     */
    public void registerSchema(dev.hyperloom.v1.RegisterSchemaRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.RegisterSchemaResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRegisterSchemaMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Says what RegisterSchema would answer, and changes nothing.
     * </pre>
     */
    public void validateSchema(dev.hyperloom.v1.ValidateSchemaRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.ValidateSchemaResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getValidateSchemaMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Reads one version of a schema. SCHEMA_NOT_FOUND where there is none.
     * </pre>
     */
    public void getSchema(dev.hyperloom.v1.GetSchemaRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.GetSchemaResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetSchemaMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the newest version of each schema, by name, without definitions.
     * </pre>
     */
    public void listSchemas(dev.hyperloom.v1.ListSchemasRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.ListSchemasResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListSchemasMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Makes a forest strict, or lets it go. SCHEMA_STORED where it is to be strict and holds values at paths of no schema.
     * </pre>
     */
    public void setUnboundPaths(dev.hyperloom.v1.SetUnboundPathsRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.SetUnboundPathsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSetUnboundPathsMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service SchemaService.
   * <pre>
   * Typed state: the schemas of a forest.
   * Where a schema is bound, a path holds only what fits its newest version, whoever writes it and in whatever way: publishes,
   * ghosts and their commits, copies, reverts, restored backups. What does not fit is refused with SCHEMA_VIOLATION, and nothing
   * of the diff takes effect; what counts is the value that a node would have afterwards. A value at a path that is bound to a
   * message is an `Any` of that message; one at a path with a JSON Schema is JSON. Fields that the schema does not know stay.
   * A schema is part of the forest's state: a registration makes a revision, is in backups, and is read back as of any revision.
   * An empty `forest` means `default`; `request_id` and `author` are as in `ContextService`.
   * </pre>
   */
  public static final class SchemaServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<SchemaServiceBlockingV2Stub> {
    private SchemaServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SchemaServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SchemaServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Registers a schema, or the next version of one. It is in force when the call answers.
     * INVALID_SCHEMA where the definition is wrong in itself, SCHEMA_OVERLAP where it is about paths of another schema,
     * SCHEMA_BREAKING where clients and values of the version before would not get along with it, SCHEMA_STORED where values that
     * are there do not fit. Nothing is changed then; a `mapping`, or a ghost with a `SchemaMigration`, is the way to such a version. Registering what is the newest version already changes nothing and is no error.
     * </pre>
     */
    public dev.hyperloom.v1.RegisterSchemaResponse registerSchema(dev.hyperloom.v1.RegisterSchemaRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRegisterSchemaMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Says what RegisterSchema would answer, and changes nothing.
     * </pre>
     */
    public dev.hyperloom.v1.ValidateSchemaResponse validateSchema(dev.hyperloom.v1.ValidateSchemaRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getValidateSchemaMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads one version of a schema. SCHEMA_NOT_FOUND where there is none.
     * </pre>
     */
    public dev.hyperloom.v1.GetSchemaResponse getSchema(dev.hyperloom.v1.GetSchemaRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetSchemaMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the newest version of each schema, by name, without definitions.
     * </pre>
     */
    public dev.hyperloom.v1.ListSchemasResponse listSchemas(dev.hyperloom.v1.ListSchemasRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListSchemasMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a forest strict, or lets it go. SCHEMA_STORED where it is to be strict and holds values at paths of no schema.
     * </pre>
     */
    public dev.hyperloom.v1.SetUnboundPathsResponse setUnboundPaths(dev.hyperloom.v1.SetUnboundPathsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSetUnboundPathsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service SchemaService.
   * <pre>
   * Typed state: the schemas of a forest.
   * Where a schema is bound, a path holds only what fits its newest version, whoever writes it and in whatever way: publishes,
   * ghosts and their commits, copies, reverts, restored backups. What does not fit is refused with SCHEMA_VIOLATION, and nothing
   * of the diff takes effect; what counts is the value that a node would have afterwards. A value at a path that is bound to a
   * message is an `Any` of that message; one at a path with a JSON Schema is JSON. Fields that the schema does not know stay.
   * A schema is part of the forest's state: a registration makes a revision, is in backups, and is read back as of any revision.
   * An empty `forest` means `default`; `request_id` and `author` are as in `ContextService`.
   * </pre>
   */
  public static final class SchemaServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<SchemaServiceBlockingStub> {
    private SchemaServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SchemaServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SchemaServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Registers a schema, or the next version of one. It is in force when the call answers.
     * INVALID_SCHEMA where the definition is wrong in itself, SCHEMA_OVERLAP where it is about paths of another schema,
     * SCHEMA_BREAKING where clients and values of the version before would not get along with it, SCHEMA_STORED where values that
     * are there do not fit. Nothing is changed then; a `mapping`, or a ghost with a `SchemaMigration`, is the way to such a version. Registering what is the newest version already changes nothing and is no error.
     * </pre>
     */
    public dev.hyperloom.v1.RegisterSchemaResponse registerSchema(dev.hyperloom.v1.RegisterSchemaRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRegisterSchemaMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Says what RegisterSchema would answer, and changes nothing.
     * </pre>
     */
    public dev.hyperloom.v1.ValidateSchemaResponse validateSchema(dev.hyperloom.v1.ValidateSchemaRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getValidateSchemaMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads one version of a schema. SCHEMA_NOT_FOUND where there is none.
     * </pre>
     */
    public dev.hyperloom.v1.GetSchemaResponse getSchema(dev.hyperloom.v1.GetSchemaRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetSchemaMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the newest version of each schema, by name, without definitions.
     * </pre>
     */
    public dev.hyperloom.v1.ListSchemasResponse listSchemas(dev.hyperloom.v1.ListSchemasRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListSchemasMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a forest strict, or lets it go. SCHEMA_STORED where it is to be strict and holds values at paths of no schema.
     * </pre>
     */
    public dev.hyperloom.v1.SetUnboundPathsResponse setUnboundPaths(dev.hyperloom.v1.SetUnboundPathsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSetUnboundPathsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service SchemaService.
   * <pre>
   * Typed state: the schemas of a forest.
   * Where a schema is bound, a path holds only what fits its newest version, whoever writes it and in whatever way: publishes,
   * ghosts and their commits, copies, reverts, restored backups. What does not fit is refused with SCHEMA_VIOLATION, and nothing
   * of the diff takes effect; what counts is the value that a node would have afterwards. A value at a path that is bound to a
   * message is an `Any` of that message; one at a path with a JSON Schema is JSON. Fields that the schema does not know stay.
   * A schema is part of the forest's state: a registration makes a revision, is in backups, and is read back as of any revision.
   * An empty `forest` means `default`; `request_id` and `author` are as in `ContextService`.
   * </pre>
   */
  public static final class SchemaServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<SchemaServiceFutureStub> {
    private SchemaServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SchemaServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SchemaServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Registers a schema, or the next version of one. It is in force when the call answers.
     * INVALID_SCHEMA where the definition is wrong in itself, SCHEMA_OVERLAP where it is about paths of another schema,
     * SCHEMA_BREAKING where clients and values of the version before would not get along with it, SCHEMA_STORED where values that
     * are there do not fit. Nothing is changed then; a `mapping`, or a ghost with a `SchemaMigration`, is the way to such a version. Registering what is the newest version already changes nothing and is no error.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.hyperloom.v1.RegisterSchemaResponse> registerSchema(
        dev.hyperloom.v1.RegisterSchemaRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRegisterSchemaMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Says what RegisterSchema would answer, and changes nothing.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.hyperloom.v1.ValidateSchemaResponse> validateSchema(
        dev.hyperloom.v1.ValidateSchemaRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getValidateSchemaMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Reads one version of a schema. SCHEMA_NOT_FOUND where there is none.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.hyperloom.v1.GetSchemaResponse> getSchema(
        dev.hyperloom.v1.GetSchemaRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetSchemaMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the newest version of each schema, by name, without definitions.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.hyperloom.v1.ListSchemasResponse> listSchemas(
        dev.hyperloom.v1.ListSchemasRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListSchemasMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Makes a forest strict, or lets it go. SCHEMA_STORED where it is to be strict and holds values at paths of no schema.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.hyperloom.v1.SetUnboundPathsResponse> setUnboundPaths(
        dev.hyperloom.v1.SetUnboundPathsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSetUnboundPathsMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_REGISTER_SCHEMA = 0;
  private static final int METHODID_VALIDATE_SCHEMA = 1;
  private static final int METHODID_GET_SCHEMA = 2;
  private static final int METHODID_LIST_SCHEMAS = 3;
  private static final int METHODID_SET_UNBOUND_PATHS = 4;

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
        case METHODID_REGISTER_SCHEMA:
          serviceImpl.registerSchema((dev.hyperloom.v1.RegisterSchemaRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.RegisterSchemaResponse>) responseObserver);
          break;
        case METHODID_VALIDATE_SCHEMA:
          serviceImpl.validateSchema((dev.hyperloom.v1.ValidateSchemaRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.ValidateSchemaResponse>) responseObserver);
          break;
        case METHODID_GET_SCHEMA:
          serviceImpl.getSchema((dev.hyperloom.v1.GetSchemaRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.GetSchemaResponse>) responseObserver);
          break;
        case METHODID_LIST_SCHEMAS:
          serviceImpl.listSchemas((dev.hyperloom.v1.ListSchemasRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.ListSchemasResponse>) responseObserver);
          break;
        case METHODID_SET_UNBOUND_PATHS:
          serviceImpl.setUnboundPaths((dev.hyperloom.v1.SetUnboundPathsRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.SetUnboundPathsResponse>) responseObserver);
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
          getRegisterSchemaMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.hyperloom.v1.RegisterSchemaRequest,
              dev.hyperloom.v1.RegisterSchemaResponse>(
                service, METHODID_REGISTER_SCHEMA)))
        .addMethod(
          getValidateSchemaMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.hyperloom.v1.ValidateSchemaRequest,
              dev.hyperloom.v1.ValidateSchemaResponse>(
                service, METHODID_VALIDATE_SCHEMA)))
        .addMethod(
          getGetSchemaMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.hyperloom.v1.GetSchemaRequest,
              dev.hyperloom.v1.GetSchemaResponse>(
                service, METHODID_GET_SCHEMA)))
        .addMethod(
          getListSchemasMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.hyperloom.v1.ListSchemasRequest,
              dev.hyperloom.v1.ListSchemasResponse>(
                service, METHODID_LIST_SCHEMAS)))
        .addMethod(
          getSetUnboundPathsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.hyperloom.v1.SetUnboundPathsRequest,
              dev.hyperloom.v1.SetUnboundPathsResponse>(
                service, METHODID_SET_UNBOUND_PATHS)))
        .build();
  }

  private static abstract class SchemaServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    SchemaServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.hyperloom.v1.SchemaServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("SchemaService");
    }
  }

  private static final class SchemaServiceFileDescriptorSupplier
      extends SchemaServiceBaseDescriptorSupplier {
    SchemaServiceFileDescriptorSupplier() {}
  }

  private static final class SchemaServiceMethodDescriptorSupplier
      extends SchemaServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    SchemaServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (SchemaServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new SchemaServiceFileDescriptorSupplier())
              .addMethod(getRegisterSchemaMethod())
              .addMethod(getValidateSchemaMethod())
              .addMethod(getGetSchemaMethod())
              .addMethod(getListSchemasMethod())
              .addMethod(getSetUnboundPathsMethod())
              .build();
        }
      }
    }
    return result;
  }
}
