import java.lang.reflect.Method;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.protocol.MarshallingType;
import software.amazon.awssdk.core.traits.ListTrait;
import software.amazon.awssdk.core.traits.MapTrait;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.KinesisRequest;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEvent;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardRequest;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponseHandler;
import software.amazon.awssdk.utils.builder.SdkBuilder;

/**
 * AWS SDK for Java 2: operations by name, their members by name. Options: endpoint, http (apache,
 * url-connection or netty), key, secret, attempts, attemptTimeoutMs.
 */
public final class SdkV2 implements Calls.Clients {
  private static final String MODEL = "software.amazon.awssdk.services.kinesis.model.";

  @Override
  public Calls.Client open(Map<String, Object> options) throws Exception {
    Object client = options.get("http").equals("netty") ? asynchronous(options) : synchronous(options);
    return new Calls.Client() {
      @Override
      public Object call(String operation, Map<String, Object> args) throws Exception {
        Class<?> type = Class.forName(MODEL + operation + "Request");
        Object builder = type.getMethod("builder").invoke(null);
        fill((SdkPojo) builder, args);
        Object request = ((SdkBuilder<?, ?>) builder).build();
        if (operation.equals("SubscribeToShard")) {
          return show(firstRecords((KinesisAsyncClient) client, (SubscribeToShardRequest) request));
        }
        String name = Character.toLowerCase(operation.charAt(0)) + operation.substring(1);
        Method method = client.getClass().getMethod(name, type);
        method.setAccessible(true);
        Object answer = method.invoke(client, (KinesisRequest) request);
        if (answer instanceof CompletableFuture) answer = ((CompletableFuture<?>) answer).get();
        return show(answer);
      }

      @Override
      public void close() throws Exception {
        ((AutoCloseable) client).close();
      }
    };
  }

  /** The first event of a subscription that has records; the subscription is ended. */
  private static SubscribeToShardEvent firstRecords(
      KinesisAsyncClient client, SubscribeToShardRequest request) throws Exception {
    CompletableFuture<SubscribeToShardEvent> found = new CompletableFuture<>();
    SubscribeToShardResponseHandler handler =
        SubscribeToShardResponseHandler.builder()
            .onError(found::completeExceptionally)
            .subscriber(
                event -> {
                  if (!(event instanceof SubscribeToShardEvent)) return;
                  SubscribeToShardEvent records = (SubscribeToShardEvent) event;
                  if (!records.records().isEmpty()) found.complete(records);
                })
            .build();
    CompletableFuture<Void> subscription = client.subscribeToShard(request, handler);
    subscription.exceptionally(
        error -> {
          found.completeExceptionally(error);
          return null;
        });
    try {
      return found.get(20, TimeUnit.SECONDS);
    } finally {
      subscription.cancel(true);
    }
  }

  private static KinesisClient synchronous(Map<String, Object> options) throws Exception {
    boolean isApache = options.get("http").equals("apache");
    String name =
        isApache
            ? "software.amazon.awssdk.http.apache.ApacheHttpClient"
            : "software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient";
    Object builder = Class.forName(name).getMethod("builder").invoke(null);
    if (isApache) {
      Class.forName(name + "$Builder").getMethod("maxConnections", Integer.class).invoke(builder, 200);
    }
    return KinesisClient.builder()
        .endpointOverride(URI.create((String) options.get("endpoint")))
        .region(Region.US_EAST_1)
        .credentialsProvider(credentials(options))
        .httpClient((SdkHttpClient) ((SdkBuilder<?, ?>) builder).build())
        .overrideConfiguration(
            each -> each.retryPolicy(retries -> retries.numRetries(attempts(options) - 1)))
        .build();
  }

  private static KinesisAsyncClient asynchronous(Map<String, Object> options) {
    return KinesisAsyncClient.builder()
        .endpointOverride(URI.create((String) options.get("endpoint")))
        .region(Region.US_EAST_1)
        .credentialsProvider(credentials(options))
        .overrideConfiguration(
            each -> each.retryPolicy(retries -> retries.numRetries(attempts(options) - 1)))
        .build();
  }

  private static int attempts(Map<String, Object> options) {
    return (Integer) options.getOrDefault("attempts", 1);
  }

  private static StaticCredentialsProvider credentials(Map<String, Object> options) {
    return StaticCredentialsProvider.create(
        AwsBasicCredentials.create(
            (String) options.getOrDefault("key", "any"), (String) options.getOrDefault("secret", "any")));
  }

  private static void fill(SdkPojo builder, Map<String, Object> members) {
    for (SdkField<?> field : builder.sdkFields()) {
      Object value = members.get(field.locationName());
      if (value != null) field.set(builder, read(field, value));
    }
  }

  private static Object read(SdkField<?> field, Object value) {
    MarshallingType<?> type = field.marshallingType();
    if (type == MarshallingType.SDK_BYTES) {
      return SdkBytes.fromByteArray(Base64.getDecoder().decode((String) value));
    }
    if (type == MarshallingType.INSTANT) return Instant.ofEpochMilli(((Number) value).longValue());
    if (type == MarshallingType.SDK_POJO) {
      SdkPojo builder = field.constructor().get();
      @SuppressWarnings("unchecked")
      Map<String, Object> members = (Map<String, Object>) value;
      fill(builder, members);
      return ((SdkBuilder<?, ?>) builder).build();
    }
    if (type == MarshallingType.LIST) {
      SdkField<?> member = field.getTrait(ListTrait.class).memberFieldInfo();
      List<Object> items = new ArrayList<>();
      for (Object item : (List<?>) value) items.add(read(member, item));
      return items;
    }
    return value;
  }

  private static Object show(Object value) {
    if (value instanceof SdkBytes) {
      return Base64.getEncoder().encodeToString(((SdkBytes) value).asByteArray());
    }
    if (value instanceof Instant) return ((Instant) value).toEpochMilli();
    if (value instanceof SdkPojo) {
      Map<String, Object> members = new LinkedHashMap<>();
      for (SdkField<?> field : ((SdkPojo) value).sdkFields()) {
        Object member = field.getValueOrDefault(value);
        if (member != null && !isAbsentContainer(member)) {
          members.put(field.locationName(), show(member));
        }
      }
      return members;
    }
    if (value instanceof List) {
      List<Object> items = new ArrayList<>();
      for (Object item : (List<?>) value) items.add(show(item));
      return items;
    }
    return value;
  }

  /** What was not in the answer is a container of the SDK's own. */
  private static boolean isAbsentContainer(Object member) {
    return member instanceof software.amazon.awssdk.core.util.SdkAutoConstructList
        || member instanceof software.amazon.awssdk.core.util.SdkAutoConstructMap;
  }
}
