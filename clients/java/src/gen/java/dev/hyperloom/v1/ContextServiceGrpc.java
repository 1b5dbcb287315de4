package dev.hyperloom.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Shared state for agents: publish what changed, read and subscribe to what you need, try risky work in ghosts.
 * In every request an empty `forest` means `default`, an empty `ghost_id` means the trunk, and an `author` is the agent's
 * name (at most 256 bytes). A `request_id` (at most 128 bytes) makes a mutation safe to repeat: within the newest 100,000
 * requests of the forest and one hour the broker answers a repetition with the first outcome, also after a restart, and
 * refuses the id with REQUEST_ID_REUSED where the request is another. What an agent had read (`basis`) and how long it waits
 * (`lock_wait`, `wait`) may differ.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class ContextServiceGrpc {

  private ContextServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "hyperloom.v1.ContextService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.PublishRequest,
      dev.hyperloom.v1.PublishResponse> getPublishMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Publish",
      requestType = dev.hyperloom.v1.PublishRequest.class,
      responseType = dev.hyperloom.v1.PublishResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.PublishRequest,
      dev.hyperloom.v1.PublishResponse> getPublishMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.PublishRequest, dev.hyperloom.v1.PublishResponse> getPublishMethod;
    if ((getPublishMethod = ContextServiceGrpc.getPublishMethod) == null) {
      synchronized (ContextServiceGrpc.class) {
        if ((getPublishMethod = ContextServiceGrpc.getPublishMethod) == null) {
          ContextServiceGrpc.getPublishMethod = getPublishMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.PublishRequest, dev.hyperloom.v1.PublishResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Publish"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.PublishRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.PublishResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ContextServiceMethodDescriptorSupplier("Publish"))
              .build();
        }
      }
    }
    return getPublishMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.PublishStreamRequest,
      dev.hyperloom.v1.PublishStreamResponse> getPublishStreamMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "PublishStream",
      requestType = dev.hyperloom.v1.PublishStreamRequest.class,
      responseType = dev.hyperloom.v1.PublishStreamResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.PublishStreamRequest,
      dev.hyperloom.v1.PublishStreamResponse> getPublishStreamMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.PublishStreamRequest, dev.hyperloom.v1.PublishStreamResponse> getPublishStreamMethod;
    if ((getPublishStreamMethod = ContextServiceGrpc.getPublishStreamMethod) == null) {
      synchronized (ContextServiceGrpc.class) {
        if ((getPublishStreamMethod = ContextServiceGrpc.getPublishStreamMethod) == null) {
          ContextServiceGrpc.getPublishStreamMethod = getPublishStreamMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.PublishStreamRequest, dev.hyperloom.v1.PublishStreamResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "PublishStream"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.PublishStreamRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.PublishStreamResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ContextServiceMethodDescriptorSupplier("PublishStream"))
              .build();
        }
      }
    }
    return getPublishStreamMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.GetRequest,
      dev.hyperloom.v1.GetResponse> getGetMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Get",
      requestType = dev.hyperloom.v1.GetRequest.class,
      responseType = dev.hyperloom.v1.GetResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.GetRequest,
      dev.hyperloom.v1.GetResponse> getGetMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.GetRequest, dev.hyperloom.v1.GetResponse> getGetMethod;
    if ((getGetMethod = ContextServiceGrpc.getGetMethod) == null) {
      synchronized (ContextServiceGrpc.class) {
        if ((getGetMethod = ContextServiceGrpc.getGetMethod) == null) {
          ContextServiceGrpc.getGetMethod = getGetMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.GetRequest, dev.hyperloom.v1.GetResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Get"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.GetRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.GetResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ContextServiceMethodDescriptorSupplier("Get"))
              .build();
        }
      }
    }
    return getGetMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.BatchGetRequest,
      dev.hyperloom.v1.BatchGetResponse> getBatchGetMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "BatchGet",
      requestType = dev.hyperloom.v1.BatchGetRequest.class,
      responseType = dev.hyperloom.v1.BatchGetResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.BatchGetRequest,
      dev.hyperloom.v1.BatchGetResponse> getBatchGetMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.BatchGetRequest, dev.hyperloom.v1.BatchGetResponse> getBatchGetMethod;
    if ((getBatchGetMethod = ContextServiceGrpc.getBatchGetMethod) == null) {
      synchronized (ContextServiceGrpc.class) {
        if ((getBatchGetMethod = ContextServiceGrpc.getBatchGetMethod) == null) {
          ContextServiceGrpc.getBatchGetMethod = getBatchGetMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.BatchGetRequest, dev.hyperloom.v1.BatchGetResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "BatchGet"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.BatchGetRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.BatchGetResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ContextServiceMethodDescriptorSupplier("BatchGet"))
              .build();
        }
      }
    }
    return getBatchGetMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.ListRequest,
      dev.hyperloom.v1.ListResponse> getListMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "List",
      requestType = dev.hyperloom.v1.ListRequest.class,
      responseType = dev.hyperloom.v1.ListResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.ListRequest,
      dev.hyperloom.v1.ListResponse> getListMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.ListRequest, dev.hyperloom.v1.ListResponse> getListMethod;
    if ((getListMethod = ContextServiceGrpc.getListMethod) == null) {
      synchronized (ContextServiceGrpc.class) {
        if ((getListMethod = ContextServiceGrpc.getListMethod) == null) {
          ContextServiceGrpc.getListMethod = getListMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.ListRequest, dev.hyperloom.v1.ListResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "List"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.ListRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.ListResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ContextServiceMethodDescriptorSupplier("List"))
              .build();
        }
      }
    }
    return getListMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.SubscribeRequest,
      dev.hyperloom.v1.SubscribeResponse> getSubscribeMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Subscribe",
      requestType = dev.hyperloom.v1.SubscribeRequest.class,
      responseType = dev.hyperloom.v1.SubscribeResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.SubscribeRequest,
      dev.hyperloom.v1.SubscribeResponse> getSubscribeMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.SubscribeRequest, dev.hyperloom.v1.SubscribeResponse> getSubscribeMethod;
    if ((getSubscribeMethod = ContextServiceGrpc.getSubscribeMethod) == null) {
      synchronized (ContextServiceGrpc.class) {
        if ((getSubscribeMethod = ContextServiceGrpc.getSubscribeMethod) == null) {
          ContextServiceGrpc.getSubscribeMethod = getSubscribeMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.SubscribeRequest, dev.hyperloom.v1.SubscribeResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Subscribe"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.SubscribeRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.SubscribeResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ContextServiceMethodDescriptorSupplier("Subscribe"))
              .build();
        }
      }
    }
    return getSubscribeMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.BeginGhostRequest,
      dev.hyperloom.v1.BeginGhostResponse> getBeginGhostMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "BeginGhost",
      requestType = dev.hyperloom.v1.BeginGhostRequest.class,
      responseType = dev.hyperloom.v1.BeginGhostResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.BeginGhostRequest,
      dev.hyperloom.v1.BeginGhostResponse> getBeginGhostMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.BeginGhostRequest, dev.hyperloom.v1.BeginGhostResponse> getBeginGhostMethod;
    if ((getBeginGhostMethod = ContextServiceGrpc.getBeginGhostMethod) == null) {
      synchronized (ContextServiceGrpc.class) {
        if ((getBeginGhostMethod = ContextServiceGrpc.getBeginGhostMethod) == null) {
          ContextServiceGrpc.getBeginGhostMethod = getBeginGhostMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.BeginGhostRequest, dev.hyperloom.v1.BeginGhostResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "BeginGhost"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.BeginGhostRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.BeginGhostResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ContextServiceMethodDescriptorSupplier("BeginGhost"))
              .build();
        }
      }
    }
    return getBeginGhostMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.CheckpointRequest,
      dev.hyperloom.v1.CheckpointResponse> getCheckpointMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Checkpoint",
      requestType = dev.hyperloom.v1.CheckpointRequest.class,
      responseType = dev.hyperloom.v1.CheckpointResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.CheckpointRequest,
      dev.hyperloom.v1.CheckpointResponse> getCheckpointMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.CheckpointRequest, dev.hyperloom.v1.CheckpointResponse> getCheckpointMethod;
    if ((getCheckpointMethod = ContextServiceGrpc.getCheckpointMethod) == null) {
      synchronized (ContextServiceGrpc.class) {
        if ((getCheckpointMethod = ContextServiceGrpc.getCheckpointMethod) == null) {
          ContextServiceGrpc.getCheckpointMethod = getCheckpointMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.CheckpointRequest, dev.hyperloom.v1.CheckpointResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Checkpoint"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.CheckpointRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.CheckpointResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ContextServiceMethodDescriptorSupplier("Checkpoint"))
              .build();
        }
      }
    }
    return getCheckpointMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.CommitRequest,
      dev.hyperloom.v1.CommitResponse> getCommitMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Commit",
      requestType = dev.hyperloom.v1.CommitRequest.class,
      responseType = dev.hyperloom.v1.CommitResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.CommitRequest,
      dev.hyperloom.v1.CommitResponse> getCommitMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.CommitRequest, dev.hyperloom.v1.CommitResponse> getCommitMethod;
    if ((getCommitMethod = ContextServiceGrpc.getCommitMethod) == null) {
      synchronized (ContextServiceGrpc.class) {
        if ((getCommitMethod = ContextServiceGrpc.getCommitMethod) == null) {
          ContextServiceGrpc.getCommitMethod = getCommitMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.CommitRequest, dev.hyperloom.v1.CommitResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Commit"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.CommitRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.CommitResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ContextServiceMethodDescriptorSupplier("Commit"))
              .build();
        }
      }
    }
    return getCommitMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.RevertRequest,
      dev.hyperloom.v1.RevertResponse> getRevertMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Revert",
      requestType = dev.hyperloom.v1.RevertRequest.class,
      responseType = dev.hyperloom.v1.RevertResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.RevertRequest,
      dev.hyperloom.v1.RevertResponse> getRevertMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.RevertRequest, dev.hyperloom.v1.RevertResponse> getRevertMethod;
    if ((getRevertMethod = ContextServiceGrpc.getRevertMethod) == null) {
      synchronized (ContextServiceGrpc.class) {
        if ((getRevertMethod = ContextServiceGrpc.getRevertMethod) == null) {
          ContextServiceGrpc.getRevertMethod = getRevertMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.RevertRequest, dev.hyperloom.v1.RevertResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Revert"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.RevertRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.RevertResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ContextServiceMethodDescriptorSupplier("Revert"))
              .build();
        }
      }
    }
    return getRevertMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.GetGhostRequest,
      dev.hyperloom.v1.GetGhostResponse> getGetGhostMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetGhost",
      requestType = dev.hyperloom.v1.GetGhostRequest.class,
      responseType = dev.hyperloom.v1.GetGhostResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.GetGhostRequest,
      dev.hyperloom.v1.GetGhostResponse> getGetGhostMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.GetGhostRequest, dev.hyperloom.v1.GetGhostResponse> getGetGhostMethod;
    if ((getGetGhostMethod = ContextServiceGrpc.getGetGhostMethod) == null) {
      synchronized (ContextServiceGrpc.class) {
        if ((getGetGhostMethod = ContextServiceGrpc.getGetGhostMethod) == null) {
          ContextServiceGrpc.getGetGhostMethod = getGetGhostMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.GetGhostRequest, dev.hyperloom.v1.GetGhostResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetGhost"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.GetGhostRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.GetGhostResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ContextServiceMethodDescriptorSupplier("GetGhost"))
              .build();
        }
      }
    }
    return getGetGhostMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.ListGhostsRequest,
      dev.hyperloom.v1.ListGhostsResponse> getListGhostsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListGhosts",
      requestType = dev.hyperloom.v1.ListGhostsRequest.class,
      responseType = dev.hyperloom.v1.ListGhostsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.ListGhostsRequest,
      dev.hyperloom.v1.ListGhostsResponse> getListGhostsMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.ListGhostsRequest, dev.hyperloom.v1.ListGhostsResponse> getListGhostsMethod;
    if ((getListGhostsMethod = ContextServiceGrpc.getListGhostsMethod) == null) {
      synchronized (ContextServiceGrpc.class) {
        if ((getListGhostsMethod = ContextServiceGrpc.getListGhostsMethod) == null) {
          ContextServiceGrpc.getListGhostsMethod = getListGhostsMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.ListGhostsRequest, dev.hyperloom.v1.ListGhostsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListGhosts"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.ListGhostsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.ListGhostsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ContextServiceMethodDescriptorSupplier("ListGhosts"))
              .build();
        }
      }
    }
    return getListGhostsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.KeepAliveRequest,
      dev.hyperloom.v1.KeepAliveResponse> getKeepAliveMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "KeepAlive",
      requestType = dev.hyperloom.v1.KeepAliveRequest.class,
      responseType = dev.hyperloom.v1.KeepAliveResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.KeepAliveRequest,
      dev.hyperloom.v1.KeepAliveResponse> getKeepAliveMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.KeepAliveRequest, dev.hyperloom.v1.KeepAliveResponse> getKeepAliveMethod;
    if ((getKeepAliveMethod = ContextServiceGrpc.getKeepAliveMethod) == null) {
      synchronized (ContextServiceGrpc.class) {
        if ((getKeepAliveMethod = ContextServiceGrpc.getKeepAliveMethod) == null) {
          ContextServiceGrpc.getKeepAliveMethod = getKeepAliveMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.KeepAliveRequest, dev.hyperloom.v1.KeepAliveResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "KeepAlive"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.KeepAliveRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.KeepAliveResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ContextServiceMethodDescriptorSupplier("KeepAlive"))
              .build();
        }
      }
    }
    return getKeepAliveMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.HistoryRequest,
      dev.hyperloom.v1.HistoryResponse> getHistoryMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "History",
      requestType = dev.hyperloom.v1.HistoryRequest.class,
      responseType = dev.hyperloom.v1.HistoryResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.HistoryRequest,
      dev.hyperloom.v1.HistoryResponse> getHistoryMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.HistoryRequest, dev.hyperloom.v1.HistoryResponse> getHistoryMethod;
    if ((getHistoryMethod = ContextServiceGrpc.getHistoryMethod) == null) {
      synchronized (ContextServiceGrpc.class) {
        if ((getHistoryMethod = ContextServiceGrpc.getHistoryMethod) == null) {
          ContextServiceGrpc.getHistoryMethod = getHistoryMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.HistoryRequest, dev.hyperloom.v1.HistoryResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "History"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.HistoryRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.HistoryResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ContextServiceMethodDescriptorSupplier("History"))
              .build();
        }
      }
    }
    return getHistoryMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.DiffRequest,
      dev.hyperloom.v1.DiffResponse> getDiffMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Diff",
      requestType = dev.hyperloom.v1.DiffRequest.class,
      responseType = dev.hyperloom.v1.DiffResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.DiffRequest,
      dev.hyperloom.v1.DiffResponse> getDiffMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.DiffRequest, dev.hyperloom.v1.DiffResponse> getDiffMethod;
    if ((getDiffMethod = ContextServiceGrpc.getDiffMethod) == null) {
      synchronized (ContextServiceGrpc.class) {
        if ((getDiffMethod = ContextServiceGrpc.getDiffMethod) == null) {
          ContextServiceGrpc.getDiffMethod = getDiffMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.DiffRequest, dev.hyperloom.v1.DiffResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Diff"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.DiffRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.DiffResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ContextServiceMethodDescriptorSupplier("Diff"))
              .build();
        }
      }
    }
    return getDiffMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.BlameRequest,
      dev.hyperloom.v1.BlameResponse> getBlameMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Blame",
      requestType = dev.hyperloom.v1.BlameRequest.class,
      responseType = dev.hyperloom.v1.BlameResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.BlameRequest,
      dev.hyperloom.v1.BlameResponse> getBlameMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.BlameRequest, dev.hyperloom.v1.BlameResponse> getBlameMethod;
    if ((getBlameMethod = ContextServiceGrpc.getBlameMethod) == null) {
      synchronized (ContextServiceGrpc.class) {
        if ((getBlameMethod = ContextServiceGrpc.getBlameMethod) == null) {
          ContextServiceGrpc.getBlameMethod = getBlameMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.BlameRequest, dev.hyperloom.v1.BlameResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Blame"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.BlameRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.BlameResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ContextServiceMethodDescriptorSupplier("Blame"))
              .build();
        }
      }
    }
    return getBlameMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.SearchRequest,
      dev.hyperloom.v1.SearchResponse> getSearchMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Search",
      requestType = dev.hyperloom.v1.SearchRequest.class,
      responseType = dev.hyperloom.v1.SearchResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.SearchRequest,
      dev.hyperloom.v1.SearchResponse> getSearchMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.SearchRequest, dev.hyperloom.v1.SearchResponse> getSearchMethod;
    if ((getSearchMethod = ContextServiceGrpc.getSearchMethod) == null) {
      synchronized (ContextServiceGrpc.class) {
        if ((getSearchMethod = ContextServiceGrpc.getSearchMethod) == null) {
          ContextServiceGrpc.getSearchMethod = getSearchMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.SearchRequest, dev.hyperloom.v1.SearchResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Search"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.SearchRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.SearchResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ContextServiceMethodDescriptorSupplier("Search"))
              .build();
        }
      }
    }
    return getSearchMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.RenderContextRequest,
      dev.hyperloom.v1.RenderContextResponse> getRenderContextMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RenderContext",
      requestType = dev.hyperloom.v1.RenderContextRequest.class,
      responseType = dev.hyperloom.v1.RenderContextResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.RenderContextRequest,
      dev.hyperloom.v1.RenderContextResponse> getRenderContextMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.RenderContextRequest, dev.hyperloom.v1.RenderContextResponse> getRenderContextMethod;
    if ((getRenderContextMethod = ContextServiceGrpc.getRenderContextMethod) == null) {
      synchronized (ContextServiceGrpc.class) {
        if ((getRenderContextMethod = ContextServiceGrpc.getRenderContextMethod) == null) {
          ContextServiceGrpc.getRenderContextMethod = getRenderContextMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.RenderContextRequest, dev.hyperloom.v1.RenderContextResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RenderContext"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.RenderContextRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.RenderContextResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ContextServiceMethodDescriptorSupplier("RenderContext"))
              .build();
        }
      }
    }
    return getRenderContextMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.hyperloom.v1.TraceRequest,
      dev.hyperloom.v1.TraceResponse> getTraceMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Trace",
      requestType = dev.hyperloom.v1.TraceRequest.class,
      responseType = dev.hyperloom.v1.TraceResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.hyperloom.v1.TraceRequest,
      dev.hyperloom.v1.TraceResponse> getTraceMethod() {
    io.grpc.MethodDescriptor<dev.hyperloom.v1.TraceRequest, dev.hyperloom.v1.TraceResponse> getTraceMethod;
    if ((getTraceMethod = ContextServiceGrpc.getTraceMethod) == null) {
      synchronized (ContextServiceGrpc.class) {
        if ((getTraceMethod = ContextServiceGrpc.getTraceMethod) == null) {
          ContextServiceGrpc.getTraceMethod = getTraceMethod =
              io.grpc.MethodDescriptor.<dev.hyperloom.v1.TraceRequest, dev.hyperloom.v1.TraceResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Trace"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.TraceRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.hyperloom.v1.TraceResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ContextServiceMethodDescriptorSupplier("Trace"))
              .build();
        }
      }
    }
    return getTraceMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static ContextServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ContextServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ContextServiceStub>() {
        @java.lang.Override
        public ContextServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ContextServiceStub(channel, callOptions);
        }
      };
    return ContextServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static ContextServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ContextServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ContextServiceBlockingV2Stub>() {
        @java.lang.Override
        public ContextServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ContextServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return ContextServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static ContextServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ContextServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ContextServiceBlockingStub>() {
        @java.lang.Override
        public ContextServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ContextServiceBlockingStub(channel, callOptions);
        }
      };
    return ContextServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static ContextServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ContextServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ContextServiceFutureStub>() {
        @java.lang.Override
        public ContextServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ContextServiceFutureStub(channel, callOptions);
        }
      };
    return ContextServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Shared state for agents: publish what changed, read and subscribe to what you need, try risky work in ghosts.
   * In every request an empty `forest` means `default`, an empty `ghost_id` means the trunk, and an `author` is the agent's
   * name (at most 256 bytes). A `request_id` (at most 128 bytes) makes a mutation safe to repeat: within the newest 100,000
   * requests of the forest and one hour the broker answers a repetition with the first outcome, also after a restart, and
   * refuses the id with REQUEST_ID_REUSED where the request is another. What an agent had read (`basis`) and how long it waits
   * (`lock_wait`, `wait`) may differ.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Applies one context diff, whole or not at all, to the trunk or a ghost. Answers when it is durable (trunk) or staged (ghost).
     * </pre>
     */
    default void publish(dev.hyperloom.v1.PublishRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.PublishResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getPublishMethod(), responseObserver);
    }

    /**
     * <pre>
     * The same with many diffs in flight on one stream; outcomes come in the order of the requests. A refused diff is an
     * outcome and does not end the stream.
     * </pre>
     */
    default io.grpc.stub.StreamObserver<dev.hyperloom.v1.PublishStreamRequest> publishStream(
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.PublishStreamResponse> responseObserver) {
      return io.grpc.stub.ServerCalls.asyncUnimplementedStreamingCall(getPublishStreamMethod(), responseObserver);
    }

    /**
     * <pre>
     * Reads one node. NOT_FOUND where there is none; reading never creates anything.
     * </pre>
     */
    default void get(dev.hyperloom.v1.GetRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.GetResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetMethod(), responseObserver);
    }

    /**
     * <pre>
     * Reads several nodes at one revision.
     * </pre>
     */
    default void batchGet(dev.hyperloom.v1.BatchGetRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.BatchGetResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getBatchGetMethod(), responseObserver);
    }

    /**
     * <pre>
     * Reads children or a whole subtree, in pages, in the order of the paths' UTF-8 bytes.
     * </pre>
     */
    default void list(dev.hyperloom.v1.ListRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.ListResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListMethod(), responseObserver);
    }

    /**
     * <pre>
     * Streams changes: ordered, each once, none missing, a diff always whole; from a snapshot, from now, or from a point in the past.
     * </pre>
     */
    default void subscribe(dev.hyperloom.v1.SubscribeRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.SubscribeResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSubscribeMethod(), responseObserver);
    }

    /**
     * <pre>
     * Begins a ghost. Costs the same whatever the forest holds.
     * </pre>
     */
    default void beginGhost(dev.hyperloom.v1.BeginGhostRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.BeginGhostResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getBeginGhostMethod(), responseObserver);
    }

    /**
     * <pre>
     * Names the ghost's present state, to revert to.
     * </pre>
     */
    default void checkpoint(dev.hyperloom.v1.CheckpointRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.CheckpointResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCheckpointMethod(), responseObserver);
    }

    /**
     * <pre>
     * Replays the ghost's operations onto the newest trunk (or its parent) as one revision; or reports the conflicts and changes nothing.
     * </pre>
     */
    default void commit(dev.hyperloom.v1.CommitRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.CommitResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCommitMethod(), responseObserver);
    }

    /**
     * <pre>
     * Drops a ghost, takes it back to a checkpoint, or writes the inverse of a trunk revision as a new one.
     * </pre>
     */
    default void revert(dev.hyperloom.v1.RevertRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.RevertResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRevertMethod(), responseObserver);
    }

    /**
     * <pre>
     * Reads a ghost's standing.
     * </pre>
     */
    default void getGhost(dev.hyperloom.v1.GetGhostRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.GetGhostResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetGhostMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists ghosts, newest first.
     * </pre>
     */
    default void listGhosts(dev.hyperloom.v1.ListGhostsRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.ListGhostsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListGhostsMethod(), responseObserver);
    }

    /**
     * <pre>
     * A sign of life from the owner of ghosts and leases: their ttl starts anew. Any operation in a ghost does the same for it.
     * </pre>
     */
    default void keepAlive(dev.hyperloom.v1.KeepAliveRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.KeepAliveResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getKeepAliveMethod(), responseObserver);
    }

    /**
     * <pre>
     * What happened, in pages.
     * </pre>
     */
    default void history(dev.hyperloom.v1.HistoryRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.HistoryResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getHistoryMethod(), responseObserver);
    }

    /**
     * <pre>
     * What differs between two revisions, or between a ghost and its base, in pages.
     * </pre>
     */
    default void diff(dev.hyperloom.v1.DiffRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.DiffResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDiffMethod(), responseObserver);
    }

    /**
     * <pre>
     * Which publish made each value.
     * </pre>
     */
    default void blame(dev.hyperloom.v1.BlameRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.BlameResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getBlameMethod(), responseObserver);
    }

    /**
     * <pre>
     * Which nodes hold some text in their paths or values, in pages.
     * </pre>
     */
    default void search(dev.hyperloom.v1.SearchRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.SearchResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSearchMethod(), responseObserver);
    }

    /**
     * <pre>
     * State as text for a model's prompt, under a budget of tokens. Its beginning stays the same as the state grows.
     * </pre>
     */
    default void renderContext(dev.hyperloom.v1.RenderContextRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.RenderContextResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRenderContextMethod(), responseObserver);
    }

    /**
     * <pre>
     * What a publish was made from, or what was made from it, in pages.
     * </pre>
     */
    default void trace(dev.hyperloom.v1.TraceRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.TraceResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getTraceMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service ContextService.
   * <pre>
   * Shared state for agents: publish what changed, read and subscribe to what you need, try risky work in ghosts.
   * In every request an empty `forest` means `default`, an empty `ghost_id` means the trunk, and an `author` is the agent's
   * name (at most 256 bytes). A `request_id` (at most 128 bytes) makes a mutation safe to repeat: within the newest 100,000
   * requests of the forest and one hour the broker answers a repetition with the first outcome, also after a restart, and
   * refuses the id with REQUEST_ID_REUSED where the request is another. What an agent had read (`basis`) and how long it waits
   * (`lock_wait`, `wait`) may differ.
   * </pre>
   */
  public static abstract class ContextServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return ContextServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service ContextService.
   * <pre>
   * Shared state for agents: publish what changed, read and subscribe to what you need, try risky work in ghosts.
   * In every request an empty `forest` means `default`, an empty `ghost_id` means the trunk, and an `author` is the agent's
   * name (at most 256 bytes). A `request_id` (at most 128 bytes) makes a mutation safe to repeat: within the newest 100,000
   * requests of the forest and one hour the broker answers a repetition with the first outcome, also after a restart, and
   * refuses the id with REQUEST_ID_REUSED where the request is another. What an agent had read (`basis`) and how long it waits
   * (`lock_wait`, `wait`) may differ.
   * </pre>
   */
  public static final class ContextServiceStub
      extends io.grpc.stub.AbstractAsyncStub<ContextServiceStub> {
    private ContextServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ContextServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ContextServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Applies one context diff, whole or not at all, to the trunk or a ghost. Answers when it is durable (trunk) or staged (ghost).
     * </pre>
     */
    public void publish(dev.hyperloom.v1.PublishRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.PublishResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getPublishMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * The same with many diffs in flight on one stream; outcomes come in the order of the requests. A refused diff is an
     * outcome and does not end the stream.
     * </pre>
     */
    public io.grpc.stub.StreamObserver<dev.hyperloom.v1.PublishStreamRequest> publishStream(
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.PublishStreamResponse> responseObserver) {
      return io.grpc.stub.ClientCalls.asyncBidiStreamingCall(
          getChannel().newCall(getPublishStreamMethod(), getCallOptions()), responseObserver);
    }

    /**
     * <pre>
     * Reads one node. NOT_FOUND where there is none; reading never creates anything.
     * </pre>
     */
    public void get(dev.hyperloom.v1.GetRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.GetResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Reads several nodes at one revision.
     * </pre>
     */
    public void batchGet(dev.hyperloom.v1.BatchGetRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.BatchGetResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getBatchGetMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Reads children or a whole subtree, in pages, in the order of the paths' UTF-8 bytes.
     * </pre>
     */
    public void list(dev.hyperloom.v1.ListRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.ListResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Streams changes: ordered, each once, none missing, a diff always whole; from a snapshot, from now, or from a point in the past.
     * </pre>
     */
    public void subscribe(dev.hyperloom.v1.SubscribeRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.SubscribeResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getSubscribeMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Begins a ghost. Costs the same whatever the forest holds.
     * </pre>
     */
    public void beginGhost(dev.hyperloom.v1.BeginGhostRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.BeginGhostResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getBeginGhostMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Names the ghost's present state, to revert to.
     * </pre>
     */
    public void checkpoint(dev.hyperloom.v1.CheckpointRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.CheckpointResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCheckpointMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Replays the ghost's operations onto the newest trunk (or its parent) as one revision; or reports the conflicts and changes nothing.
     * </pre>
     */
    public void commit(dev.hyperloom.v1.CommitRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.CommitResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCommitMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Drops a ghost, takes it back to a checkpoint, or writes the inverse of a trunk revision as a new one.
     * </pre>
     */
    public void revert(dev.hyperloom.v1.RevertRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.RevertResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRevertMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Reads a ghost's standing.
     * </pre>
     */
    public void getGhost(dev.hyperloom.v1.GetGhostRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.GetGhostResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetGhostMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists ghosts, newest first.
     * </pre>
     */
    public void listGhosts(dev.hyperloom.v1.ListGhostsRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.ListGhostsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListGhostsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * A sign of life from the owner of ghosts and leases: their ttl starts anew. Any operation in a ghost does the same for it.
     * </pre>
     */
    public void keepAlive(dev.hyperloom.v1.KeepAliveRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.KeepAliveResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getKeepAliveMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * What happened, in pages.
     * </pre>
     */
    public void history(dev.hyperloom.v1.HistoryRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.HistoryResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getHistoryMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * What differs between two revisions, or between a ghost and its base, in pages.
     * </pre>
     */
    public void diff(dev.hyperloom.v1.DiffRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.DiffResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDiffMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Which publish made each value.
     * </pre>
     */
    public void blame(dev.hyperloom.v1.BlameRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.BlameResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getBlameMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Which nodes hold some text in their paths or values, in pages.
     * </pre>
     */
    public void search(dev.hyperloom.v1.SearchRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.SearchResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSearchMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * State as text for a model's prompt, under a budget of tokens. Its beginning stays the same as the state grows.
     * </pre>
     */
    public void renderContext(dev.hyperloom.v1.RenderContextRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.RenderContextResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRenderContextMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * What a publish was made from, or what was made from it, in pages.
     * </pre>
     */
    public void trace(dev.hyperloom.v1.TraceRequest request,
        io.grpc.stub.StreamObserver<dev.hyperloom.v1.TraceResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getTraceMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service ContextService.
   * <pre>
   * Shared state for agents: publish what changed, read and subscribe to what you need, try risky work in ghosts.
   * In every request an empty `forest` means `default`, an empty `ghost_id` means the trunk, and an `author` is the agent's
   * name (at most 256 bytes). A `request_id` (at most 128 bytes) makes a mutation safe to repeat: within the newest 100,000
   * requests of the forest and one hour the broker answers a repetition with the first outcome, also after a restart, and
   * refuses the id with REQUEST_ID_REUSED where the request is another. What an agent had read (`basis`) and how long it waits
   * (`lock_wait`, `wait`) may differ.
   * </pre>
   */
  public static final class ContextServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<ContextServiceBlockingV2Stub> {
    private ContextServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ContextServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ContextServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Applies one context diff, whole or not at all, to the trunk or a ghost. Answers when it is durable (trunk) or staged (ghost).
     * </pre>
     */
    public dev.hyperloom.v1.PublishResponse publish(dev.hyperloom.v1.PublishRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getPublishMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * The same with many diffs in flight on one stream; outcomes come in the order of the requests. A refused diff is an
     * outcome and does not end the stream.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<dev.hyperloom.v1.PublishStreamRequest, dev.hyperloom.v1.PublishStreamResponse>
        publishStream() {
      return io.grpc.stub.ClientCalls.blockingBidiStreamingCall(
          getChannel(), getPublishStreamMethod(), getCallOptions());
    }

    /**
     * <pre>
     * Reads one node. NOT_FOUND where there is none; reading never creates anything.
     * </pre>
     */
    public dev.hyperloom.v1.GetResponse get(dev.hyperloom.v1.GetRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads several nodes at one revision.
     * </pre>
     */
    public dev.hyperloom.v1.BatchGetResponse batchGet(dev.hyperloom.v1.BatchGetRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getBatchGetMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads children or a whole subtree, in pages, in the order of the paths' UTF-8 bytes.
     * </pre>
     */
    public dev.hyperloom.v1.ListResponse list(dev.hyperloom.v1.ListRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Streams changes: ordered, each once, none missing, a diff always whole; from a snapshot, from now, or from a point in the past.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, dev.hyperloom.v1.SubscribeResponse>
        subscribe(dev.hyperloom.v1.SubscribeRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getSubscribeMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Begins a ghost. Costs the same whatever the forest holds.
     * </pre>
     */
    public dev.hyperloom.v1.BeginGhostResponse beginGhost(dev.hyperloom.v1.BeginGhostRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getBeginGhostMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Names the ghost's present state, to revert to.
     * </pre>
     */
    public dev.hyperloom.v1.CheckpointResponse checkpoint(dev.hyperloom.v1.CheckpointRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCheckpointMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Replays the ghost's operations onto the newest trunk (or its parent) as one revision; or reports the conflicts and changes nothing.
     * </pre>
     */
    public dev.hyperloom.v1.CommitResponse commit(dev.hyperloom.v1.CommitRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCommitMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Drops a ghost, takes it back to a checkpoint, or writes the inverse of a trunk revision as a new one.
     * </pre>
     */
    public dev.hyperloom.v1.RevertResponse revert(dev.hyperloom.v1.RevertRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRevertMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads a ghost's standing.
     * </pre>
     */
    public dev.hyperloom.v1.GetGhostResponse getGhost(dev.hyperloom.v1.GetGhostRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetGhostMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists ghosts, newest first.
     * </pre>
     */
    public dev.hyperloom.v1.ListGhostsResponse listGhosts(dev.hyperloom.v1.ListGhostsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListGhostsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * A sign of life from the owner of ghosts and leases: their ttl starts anew. Any operation in a ghost does the same for it.
     * </pre>
     */
    public dev.hyperloom.v1.KeepAliveResponse keepAlive(dev.hyperloom.v1.KeepAliveRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getKeepAliveMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * What happened, in pages.
     * </pre>
     */
    public dev.hyperloom.v1.HistoryResponse history(dev.hyperloom.v1.HistoryRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getHistoryMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * What differs between two revisions, or between a ghost and its base, in pages.
     * </pre>
     */
    public dev.hyperloom.v1.DiffResponse diff(dev.hyperloom.v1.DiffRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDiffMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Which publish made each value.
     * </pre>
     */
    public dev.hyperloom.v1.BlameResponse blame(dev.hyperloom.v1.BlameRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getBlameMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Which nodes hold some text in their paths or values, in pages.
     * </pre>
     */
    public dev.hyperloom.v1.SearchResponse search(dev.hyperloom.v1.SearchRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSearchMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * State as text for a model's prompt, under a budget of tokens. Its beginning stays the same as the state grows.
     * </pre>
     */
    public dev.hyperloom.v1.RenderContextResponse renderContext(dev.hyperloom.v1.RenderContextRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRenderContextMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * What a publish was made from, or what was made from it, in pages.
     * </pre>
     */
    public dev.hyperloom.v1.TraceResponse trace(dev.hyperloom.v1.TraceRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getTraceMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service ContextService.
   * <pre>
   * Shared state for agents: publish what changed, read and subscribe to what you need, try risky work in ghosts.
   * In every request an empty `forest` means `default`, an empty `ghost_id` means the trunk, and an `author` is the agent's
   * name (at most 256 bytes). A `request_id` (at most 128 bytes) makes a mutation safe to repeat: within the newest 100,000
   * requests of the forest and one hour the broker answers a repetition with the first outcome, also after a restart, and
   * refuses the id with REQUEST_ID_REUSED where the request is another. What an agent had read (`basis`) and how long it waits
   * (`lock_wait`, `wait`) may differ.
   * </pre>
   */
  public static final class ContextServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<ContextServiceBlockingStub> {
    private ContextServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ContextServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ContextServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Applies one context diff, whole or not at all, to the trunk or a ghost. Answers when it is durable (trunk) or staged (ghost).
     * </pre>
     */
    public dev.hyperloom.v1.PublishResponse publish(dev.hyperloom.v1.PublishRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getPublishMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads one node. NOT_FOUND where there is none; reading never creates anything.
     * </pre>
     */
    public dev.hyperloom.v1.GetResponse get(dev.hyperloom.v1.GetRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads several nodes at one revision.
     * </pre>
     */
    public dev.hyperloom.v1.BatchGetResponse batchGet(dev.hyperloom.v1.BatchGetRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getBatchGetMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads children or a whole subtree, in pages, in the order of the paths' UTF-8 bytes.
     * </pre>
     */
    public dev.hyperloom.v1.ListResponse list(dev.hyperloom.v1.ListRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Streams changes: ordered, each once, none missing, a diff always whole; from a snapshot, from now, or from a point in the past.
     * </pre>
     */
    public java.util.Iterator<dev.hyperloom.v1.SubscribeResponse> subscribe(
        dev.hyperloom.v1.SubscribeRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getSubscribeMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Begins a ghost. Costs the same whatever the forest holds.
     * </pre>
     */
    public dev.hyperloom.v1.BeginGhostResponse beginGhost(dev.hyperloom.v1.BeginGhostRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getBeginGhostMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Names the ghost's present state, to revert to.
     * </pre>
     */
    public dev.hyperloom.v1.CheckpointResponse checkpoint(dev.hyperloom.v1.CheckpointRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCheckpointMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Replays the ghost's operations onto the newest trunk (or its parent) as one revision; or reports the conflicts and changes nothing.
     * </pre>
     */
    public dev.hyperloom.v1.CommitResponse commit(dev.hyperloom.v1.CommitRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCommitMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Drops a ghost, takes it back to a checkpoint, or writes the inverse of a trunk revision as a new one.
     * </pre>
     */
    public dev.hyperloom.v1.RevertResponse revert(dev.hyperloom.v1.RevertRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRevertMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads a ghost's standing.
     * </pre>
     */
    public dev.hyperloom.v1.GetGhostResponse getGhost(dev.hyperloom.v1.GetGhostRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetGhostMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists ghosts, newest first.
     * </pre>
     */
    public dev.hyperloom.v1.ListGhostsResponse listGhosts(dev.hyperloom.v1.ListGhostsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListGhostsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * A sign of life from the owner of ghosts and leases: their ttl starts anew. Any operation in a ghost does the same for it.
     * </pre>
     */
    public dev.hyperloom.v1.KeepAliveResponse keepAlive(dev.hyperloom.v1.KeepAliveRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getKeepAliveMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * What happened, in pages.
     * </pre>
     */
    public dev.hyperloom.v1.HistoryResponse history(dev.hyperloom.v1.HistoryRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getHistoryMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * What differs between two revisions, or between a ghost and its base, in pages.
     * </pre>
     */
    public dev.hyperloom.v1.DiffResponse diff(dev.hyperloom.v1.DiffRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDiffMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Which publish made each value.
     * </pre>
     */
    public dev.hyperloom.v1.BlameResponse blame(dev.hyperloom.v1.BlameRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getBlameMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Which nodes hold some text in their paths or values, in pages.
     * </pre>
     */
    public dev.hyperloom.v1.SearchResponse search(dev.hyperloom.v1.SearchRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSearchMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * State as text for a model's prompt, under a budget of tokens. Its beginning stays the same as the state grows.
     * </pre>
     */
    public dev.hyperloom.v1.RenderContextResponse renderContext(dev.hyperloom.v1.RenderContextRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRenderContextMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * What a publish was made from, or what was made from it, in pages.
     * </pre>
     */
    public dev.hyperloom.v1.TraceResponse trace(dev.hyperloom.v1.TraceRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getTraceMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service ContextService.
   * <pre>
   * Shared state for agents: publish what changed, read and subscribe to what you need, try risky work in ghosts.
   * In every request an empty `forest` means `default`, an empty `ghost_id` means the trunk, and an `author` is the agent's
   * name (at most 256 bytes). A `request_id` (at most 128 bytes) makes a mutation safe to repeat: within the newest 100,000
   * requests of the forest and one hour the broker answers a repetition with the first outcome, also after a restart, and
   * refuses the id with REQUEST_ID_REUSED where the request is another. What an agent had read (`basis`) and how long it waits
   * (`lock_wait`, `wait`) may differ.
   * </pre>
   */
  public static final class ContextServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<ContextServiceFutureStub> {
    private ContextServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ContextServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ContextServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Applies one context diff, whole or not at all, to the trunk or a ghost. Answers when it is durable (trunk) or staged (ghost).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.hyperloom.v1.PublishResponse> publish(
        dev.hyperloom.v1.PublishRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getPublishMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Reads one node. NOT_FOUND where there is none; reading never creates anything.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.hyperloom.v1.GetResponse> get(
        dev.hyperloom.v1.GetRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Reads several nodes at one revision.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.hyperloom.v1.BatchGetResponse> batchGet(
        dev.hyperloom.v1.BatchGetRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getBatchGetMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Reads children or a whole subtree, in pages, in the order of the paths' UTF-8 bytes.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.hyperloom.v1.ListResponse> list(
        dev.hyperloom.v1.ListRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Begins a ghost. Costs the same whatever the forest holds.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.hyperloom.v1.BeginGhostResponse> beginGhost(
        dev.hyperloom.v1.BeginGhostRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getBeginGhostMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Names the ghost's present state, to revert to.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.hyperloom.v1.CheckpointResponse> checkpoint(
        dev.hyperloom.v1.CheckpointRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCheckpointMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Replays the ghost's operations onto the newest trunk (or its parent) as one revision; or reports the conflicts and changes nothing.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.hyperloom.v1.CommitResponse> commit(
        dev.hyperloom.v1.CommitRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCommitMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Drops a ghost, takes it back to a checkpoint, or writes the inverse of a trunk revision as a new one.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.hyperloom.v1.RevertResponse> revert(
        dev.hyperloom.v1.RevertRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRevertMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Reads a ghost's standing.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.hyperloom.v1.GetGhostResponse> getGhost(
        dev.hyperloom.v1.GetGhostRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetGhostMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists ghosts, newest first.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.hyperloom.v1.ListGhostsResponse> listGhosts(
        dev.hyperloom.v1.ListGhostsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListGhostsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * A sign of life from the owner of ghosts and leases: their ttl starts anew. Any operation in a ghost does the same for it.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.hyperloom.v1.KeepAliveResponse> keepAlive(
        dev.hyperloom.v1.KeepAliveRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getKeepAliveMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * What happened, in pages.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.hyperloom.v1.HistoryResponse> history(
        dev.hyperloom.v1.HistoryRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getHistoryMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * What differs between two revisions, or between a ghost and its base, in pages.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.hyperloom.v1.DiffResponse> diff(
        dev.hyperloom.v1.DiffRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDiffMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Which publish made each value.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.hyperloom.v1.BlameResponse> blame(
        dev.hyperloom.v1.BlameRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getBlameMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Which nodes hold some text in their paths or values, in pages.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.hyperloom.v1.SearchResponse> search(
        dev.hyperloom.v1.SearchRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSearchMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * State as text for a model's prompt, under a budget of tokens. Its beginning stays the same as the state grows.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.hyperloom.v1.RenderContextResponse> renderContext(
        dev.hyperloom.v1.RenderContextRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRenderContextMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * What a publish was made from, or what was made from it, in pages.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.hyperloom.v1.TraceResponse> trace(
        dev.hyperloom.v1.TraceRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getTraceMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_PUBLISH = 0;
  private static final int METHODID_GET = 1;
  private static final int METHODID_BATCH_GET = 2;
  private static final int METHODID_LIST = 3;
  private static final int METHODID_SUBSCRIBE = 4;
  private static final int METHODID_BEGIN_GHOST = 5;
  private static final int METHODID_CHECKPOINT = 6;
  private static final int METHODID_COMMIT = 7;
  private static final int METHODID_REVERT = 8;
  private static final int METHODID_GET_GHOST = 9;
  private static final int METHODID_LIST_GHOSTS = 10;
  private static final int METHODID_KEEP_ALIVE = 11;
  private static final int METHODID_HISTORY = 12;
  private static final int METHODID_DIFF = 13;
  private static final int METHODID_BLAME = 14;
  private static final int METHODID_SEARCH = 15;
  private static final int METHODID_RENDER_CONTEXT = 16;
  private static final int METHODID_TRACE = 17;
  private static final int METHODID_PUBLISH_STREAM = 18;

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
        case METHODID_PUBLISH:
          serviceImpl.publish((dev.hyperloom.v1.PublishRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.PublishResponse>) responseObserver);
          break;
        case METHODID_GET:
          serviceImpl.get((dev.hyperloom.v1.GetRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.GetResponse>) responseObserver);
          break;
        case METHODID_BATCH_GET:
          serviceImpl.batchGet((dev.hyperloom.v1.BatchGetRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.BatchGetResponse>) responseObserver);
          break;
        case METHODID_LIST:
          serviceImpl.list((dev.hyperloom.v1.ListRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.ListResponse>) responseObserver);
          break;
        case METHODID_SUBSCRIBE:
          serviceImpl.subscribe((dev.hyperloom.v1.SubscribeRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.SubscribeResponse>) responseObserver);
          break;
        case METHODID_BEGIN_GHOST:
          serviceImpl.beginGhost((dev.hyperloom.v1.BeginGhostRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.BeginGhostResponse>) responseObserver);
          break;
        case METHODID_CHECKPOINT:
          serviceImpl.checkpoint((dev.hyperloom.v1.CheckpointRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.CheckpointResponse>) responseObserver);
          break;
        case METHODID_COMMIT:
          serviceImpl.commit((dev.hyperloom.v1.CommitRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.CommitResponse>) responseObserver);
          break;
        case METHODID_REVERT:
          serviceImpl.revert((dev.hyperloom.v1.RevertRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.RevertResponse>) responseObserver);
          break;
        case METHODID_GET_GHOST:
          serviceImpl.getGhost((dev.hyperloom.v1.GetGhostRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.GetGhostResponse>) responseObserver);
          break;
        case METHODID_LIST_GHOSTS:
          serviceImpl.listGhosts((dev.hyperloom.v1.ListGhostsRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.ListGhostsResponse>) responseObserver);
          break;
        case METHODID_KEEP_ALIVE:
          serviceImpl.keepAlive((dev.hyperloom.v1.KeepAliveRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.KeepAliveResponse>) responseObserver);
          break;
        case METHODID_HISTORY:
          serviceImpl.history((dev.hyperloom.v1.HistoryRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.HistoryResponse>) responseObserver);
          break;
        case METHODID_DIFF:
          serviceImpl.diff((dev.hyperloom.v1.DiffRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.DiffResponse>) responseObserver);
          break;
        case METHODID_BLAME:
          serviceImpl.blame((dev.hyperloom.v1.BlameRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.BlameResponse>) responseObserver);
          break;
        case METHODID_SEARCH:
          serviceImpl.search((dev.hyperloom.v1.SearchRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.SearchResponse>) responseObserver);
          break;
        case METHODID_RENDER_CONTEXT:
          serviceImpl.renderContext((dev.hyperloom.v1.RenderContextRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.RenderContextResponse>) responseObserver);
          break;
        case METHODID_TRACE:
          serviceImpl.trace((dev.hyperloom.v1.TraceRequest) request,
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.TraceResponse>) responseObserver);
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
        case METHODID_PUBLISH_STREAM:
          return (io.grpc.stub.StreamObserver<Req>) serviceImpl.publishStream(
              (io.grpc.stub.StreamObserver<dev.hyperloom.v1.PublishStreamResponse>) responseObserver);
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getPublishMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.hyperloom.v1.PublishRequest,
              dev.hyperloom.v1.PublishResponse>(
                service, METHODID_PUBLISH)))
        .addMethod(
          getPublishStreamMethod(),
          io.grpc.stub.ServerCalls.asyncBidiStreamingCall(
            new MethodHandlers<
              dev.hyperloom.v1.PublishStreamRequest,
              dev.hyperloom.v1.PublishStreamResponse>(
                service, METHODID_PUBLISH_STREAM)))
        .addMethod(
          getGetMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.hyperloom.v1.GetRequest,
              dev.hyperloom.v1.GetResponse>(
                service, METHODID_GET)))
        .addMethod(
          getBatchGetMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.hyperloom.v1.BatchGetRequest,
              dev.hyperloom.v1.BatchGetResponse>(
                service, METHODID_BATCH_GET)))
        .addMethod(
          getListMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.hyperloom.v1.ListRequest,
              dev.hyperloom.v1.ListResponse>(
                service, METHODID_LIST)))
        .addMethod(
          getSubscribeMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              dev.hyperloom.v1.SubscribeRequest,
              dev.hyperloom.v1.SubscribeResponse>(
                service, METHODID_SUBSCRIBE)))
        .addMethod(
          getBeginGhostMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.hyperloom.v1.BeginGhostRequest,
              dev.hyperloom.v1.BeginGhostResponse>(
                service, METHODID_BEGIN_GHOST)))
        .addMethod(
          getCheckpointMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.hyperloom.v1.CheckpointRequest,
              dev.hyperloom.v1.CheckpointResponse>(
                service, METHODID_CHECKPOINT)))
        .addMethod(
          getCommitMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.hyperloom.v1.CommitRequest,
              dev.hyperloom.v1.CommitResponse>(
                service, METHODID_COMMIT)))
        .addMethod(
          getRevertMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.hyperloom.v1.RevertRequest,
              dev.hyperloom.v1.RevertResponse>(
                service, METHODID_REVERT)))
        .addMethod(
          getGetGhostMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.hyperloom.v1.GetGhostRequest,
              dev.hyperloom.v1.GetGhostResponse>(
                service, METHODID_GET_GHOST)))
        .addMethod(
          getListGhostsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.hyperloom.v1.ListGhostsRequest,
              dev.hyperloom.v1.ListGhostsResponse>(
                service, METHODID_LIST_GHOSTS)))
        .addMethod(
          getKeepAliveMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.hyperloom.v1.KeepAliveRequest,
              dev.hyperloom.v1.KeepAliveResponse>(
                service, METHODID_KEEP_ALIVE)))
        .addMethod(
          getHistoryMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.hyperloom.v1.HistoryRequest,
              dev.hyperloom.v1.HistoryResponse>(
                service, METHODID_HISTORY)))
        .addMethod(
          getDiffMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.hyperloom.v1.DiffRequest,
              dev.hyperloom.v1.DiffResponse>(
                service, METHODID_DIFF)))
        .addMethod(
          getBlameMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.hyperloom.v1.BlameRequest,
              dev.hyperloom.v1.BlameResponse>(
                service, METHODID_BLAME)))
        .addMethod(
          getSearchMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.hyperloom.v1.SearchRequest,
              dev.hyperloom.v1.SearchResponse>(
                service, METHODID_SEARCH)))
        .addMethod(
          getRenderContextMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.hyperloom.v1.RenderContextRequest,
              dev.hyperloom.v1.RenderContextResponse>(
                service, METHODID_RENDER_CONTEXT)))
        .addMethod(
          getTraceMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.hyperloom.v1.TraceRequest,
              dev.hyperloom.v1.TraceResponse>(
                service, METHODID_TRACE)))
        .build();
  }

  private static abstract class ContextServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    ContextServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.hyperloom.v1.ContextServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("ContextService");
    }
  }

  private static final class ContextServiceFileDescriptorSupplier
      extends ContextServiceBaseDescriptorSupplier {
    ContextServiceFileDescriptorSupplier() {}
  }

  private static final class ContextServiceMethodDescriptorSupplier
      extends ContextServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    ContextServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (ContextServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new ContextServiceFileDescriptorSupplier())
              .addMethod(getPublishMethod())
              .addMethod(getPublishStreamMethod())
              .addMethod(getGetMethod())
              .addMethod(getBatchGetMethod())
              .addMethod(getListMethod())
              .addMethod(getSubscribeMethod())
              .addMethod(getBeginGhostMethod())
              .addMethod(getCheckpointMethod())
              .addMethod(getCommitMethod())
              .addMethod(getRevertMethod())
              .addMethod(getGetGhostMethod())
              .addMethod(getListGhostsMethod())
              .addMethod(getKeepAliveMethod())
              .addMethod(getHistoryMethod())
              .addMethod(getDiffMethod())
              .addMethod(getBlameMethod())
              .addMethod(getSearchMethod())
              .addMethod(getRenderContextMethod())
              .addMethod(getTraceMethod())
              .build();
        }
      }
    }
    return result;
  }
}
