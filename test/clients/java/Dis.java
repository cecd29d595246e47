import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.huaweicloud.dis.DISAsync;
import com.huaweicloud.dis.DISClient;
import com.huaweicloud.dis.DISClientAsync;
import com.huaweicloud.dis.DISClientAsync2;
import com.huaweicloud.dis.DISConfig;
import com.huaweicloud.dis.iface.data.request.PutRecordsRequest;
import com.huaweicloud.dis.producer.DISProducer;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.Future;

/**
 * Huawei's SDK for DIS: methods by name, with one request each, whose members are those of the wire.
 *
 * <p>Options: "kind" (sync, async, nio or producer), all others as properties of the SDK.
 */
public final class Dis implements Calls.Clients {
  private static final ObjectMapper JSON =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  @Override
  public Calls.Client open(Map<String, Object> options) {
    DISConfig config = new DISConfig();
    options.forEach((name, value) -> config.set(name, String.valueOf(value)));
    String kind = String.valueOf(options.get("kind"));
    if (kind.equals("producer")) return new Producer(new DISProducer(config));
    if (kind.equals("async")) return new Client(new DISClientAsync(config), DISAsync.class);
    if (kind.equals("nio")) return new Client(new DISClientAsync2(config), DISAsync.class);
    return new Client(new DISClient(config), DISClient.class);
  }

  private static final class Client implements Calls.Client {
    private final Object client;
    private final Class<?> type;

    Client(Object client, Class<?> type) {
      this.client = client;
      this.type = type;
    }

    @Override
    public Object call(String name, Map<String, Object> args) throws Exception {
      String wanted = type == DISAsync.class ? name + "Async" : name;
      Method method =
          Arrays.stream(type.getMethods())
              .filter(each -> each.getName().equals(wanted) && each.getParameterCount() == 1)
              .findFirst()
              .orElseThrow(() -> new NoSuchMethodException(wanted));
      Object request = JSON.convertValue(args, method.getParameterTypes()[0]);
      Object answer = method.invoke(client, request);
      return JSON.valueToTree(answer instanceof Future ? ((Future<?>) answer).get() : answer);
    }

    @Override
    public void close() throws Exception {
      if (client instanceof AutoCloseable) ((AutoCloseable) client).close();
    }
  }

  /** Gathers records of many calls into requests of its own. */
  private static final class Producer implements Calls.Client {
    private final DISProducer producer;

    Producer(DISProducer producer) {
      this.producer = producer;
    }

    @Override
    public Object call(String name, Map<String, Object> args) throws Exception {
      PutRecordsRequest request = JSON.convertValue(args, PutRecordsRequest.class);
      return JSON.valueToTree(producer.putRecordsAsync(request, null).get());
    }

    @Override
    public void close() {
      producer.close();
    }
  }
}
