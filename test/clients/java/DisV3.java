import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.huaweicloud.sdk.core.ClientBuilder;
import com.huaweicloud.sdk.core.auth.AbstractCredentials;
import com.huaweicloud.sdk.core.auth.BasicCredentials;
import com.huaweicloud.sdk.core.exception.ServiceResponseException;
import com.huaweicloud.sdk.core.region.Region;
import com.huaweicloud.sdk.dis.v2.DisClient;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Map;

/**
 * Huawei's SDK of version 3 for DIS: methods by name, with one request each, whose members are those of
 * the wire. Options: endpoint, key, secret, and derived: whether it signs with a derived key.
 */
public final class DisV3 implements Calls.Clients {
  private static final ObjectMapper JSON =
      new ObjectMapper()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS);

  @Override
  public Calls.Client open(Map<String, Object> options) {
    BasicCredentials credentials =
        new BasicCredentials()
            .withAk((String) options.get("key"))
            .withSk((String) options.get("secret"))
            .withProjectId("p1");
    ClientBuilder<DisClient> builder = DisClient.newBuilder();
    boolean derived = Boolean.TRUE.equals(options.get("derived"));
    if (derived) credentials.withDerivedPredicate(AbstractCredentials.DEFAULT_DERIVED_PREDICATE);
    if (derived) builder.withDerivedAuthServiceName("dis");
    DisClient client =
        builder
            .withCredential(credentials)
            .withRegion(new Region("cn-north-1", (String) options.get("endpoint")))
            .build();
    return new Calls.Client() {
      @Override
      public Object call(String name, Map<String, Object> args) throws Exception {
        Method method =
            Arrays.stream(DisClient.class.getMethods())
                .filter(each -> each.getName().equals(name) && each.getParameterCount() == 1)
                .findFirst()
                .orElseThrow(() -> new NoSuchMethodException(name));
        Object request = JSON.convertValue(args, method.getParameterTypes()[0]);
        try {
          return JSON.valueToTree(method.invoke(client, request));
        } catch (java.lang.reflect.InvocationTargetException failure) {
          if (!(failure.getCause() instanceof ServiceResponseException)) throw failure;
          ServiceResponseException said = (ServiceResponseException) failure.getCause();
          String told = said.getHttpStatusCode() + " " + said.getErrorCode() + " " + said.getErrorMsg();
          throw new IllegalStateException(told);
        }
      }

      @Override
      public void close() {}
    };
  }
}
