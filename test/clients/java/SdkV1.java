import com.amazonaws.ClientConfiguration;
import com.amazonaws.auth.AWSStaticCredentialsProvider;
import com.amazonaws.auth.BasicAWSCredentials;
import com.amazonaws.client.builder.AwsClientBuilder.EndpointConfiguration;
import com.amazonaws.services.kinesis.AmazonKinesis;
import com.amazonaws.services.kinesis.AmazonKinesisClientBuilder;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/** AWS SDK for Java 1: operations by name, their members by name. Options: endpoint, key, secret, attempts. */
public final class SdkV1 implements Calls.Clients {
  private static final String MODEL = "com.amazonaws.services.kinesis.model.";
  private static final ObjectMapper BEANS =
      new ObjectMapper()
          .setPropertyNamingStrategy(PropertyNamingStrategies.UPPER_CAMEL_CASE)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  @Override
  public Calls.Client open(Map<String, Object> options) {
    AmazonKinesis client =
        AmazonKinesisClientBuilder.standard()
            .withEndpointConfiguration(
                new EndpointConfiguration((String) options.get("endpoint"), "us-east-1"))
            .withCredentials(
                new AWSStaticCredentialsProvider(
                    new BasicAWSCredentials(
                        (String) options.getOrDefault("key", "any"),
                        (String) options.getOrDefault("secret", "any"))))
            .withClientConfiguration(
                new ClientConfiguration()
                    .withMaxErrorRetry((Integer) options.getOrDefault("attempts", 1) - 1)
                    .withMaxConnections(200))
            .build();
    return new Calls.Client() {
      @Override
      public Object call(String operation, Map<String, Object> args) throws Exception {
        Class<?> type = Class.forName(MODEL + operation + "Request");
        String name = Character.toLowerCase(operation.charAt(0)) + operation.substring(1);
        Object answer =
            AmazonKinesis.class.getMethod(name, type).invoke(client, BEANS.convertValue(args, type));
        JsonNode shown = BEANS.valueToTree(answer);
        ((ObjectNode) shown).remove("SdkResponseMetadata");
        ((ObjectNode) shown).remove("SdkHttpMetadata");
        return shown;
      }

      @Override
      public void close() {
        client.shutdown();
      }
    };
  }
}
