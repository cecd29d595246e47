import com.google.common.util.concurrent.ListenableFuture;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.kinesis.producer.Attempt;
import software.amazon.kinesis.producer.KinesisProducer;
import software.amazon.kinesis.producer.KinesisProducerConfiguration;
import software.amazon.kinesis.producer.UserRecordFailedException;
import software.amazon.kinesis.producer.UserRecordResult;

/**
 * The Kinesis Producer Library with its native daemon. Options: host, port, and the file of certificates to
 * trust. "put" takes a stream, how many records of how many keys, and the text that values begin with; it
 * answers when all of them are decided.
 */
public final class Kpl implements Calls.Clients {
  @Override
  public Calls.Client open(Map<String, Object> options) {
    KinesisProducer producer =
        new KinesisProducer(
            new KinesisProducerConfiguration()
                .setRegion("us-east-1")
                .setKinesisEndpoint((String) options.get("host"))
                .setKinesisPort((Integer) options.get("port"))
                .setCaCertFile((String) options.get("caCertFile"))
                .setMetricsLevel("none")
                .setRecordTtl((Integer) options.getOrDefault("ttlMs", 30_000))
                .setTempDirectory((String) options.get("directory"))
                .setCredentialsProvider(
                    StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(
                            (String) options.getOrDefault("key", "any"),
                            (String) options.getOrDefault("secret", "any")))));
    return new Calls.Client() {
      @Override
      public Object call(String method, Map<String, Object> args) throws Exception {
        List<ListenableFuture<UserRecordResult>> sent = new ArrayList<>();
        int keys = (Integer) args.get("keys");
        for (int i = 0; i < (Integer) args.get("records"); i++) {
          byte[] data = (args.get("prefix") + " " + i).getBytes(StandardCharsets.UTF_8);
          String key = "key " + i % keys;
          sent.add(producer.addUserRecord((String) args.get("stream"), key, ByteBuffer.wrap(data)));
        }
        producer.flush();
        List<Object> results = new ArrayList<>();
        for (ListenableFuture<UserRecordResult> each : sent) results.add(show(each));
        return results;
      }

      @Override
      public void close() {
        producer.flushSync();
        producer.destroy();
      }
    };
  }

  private static Map<String, Object> show(ListenableFuture<UserRecordResult> sent) throws Exception {
    UserRecordResult result;
    try {
      result = sent.get();
    } catch (java.util.concurrent.ExecutionException error) {
      if (!(error.getCause() instanceof UserRecordFailedException)) throw error;
      result = ((UserRecordFailedException) error.getCause()).getResult();
    }
    List<Object> attempts = new ArrayList<>();
    for (Attempt each : result.getAttempts()) {
      attempts.add(each.isSuccessful() ? "ok" : each.getErrorCode() + ": " + each.getErrorMessage());
    }
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("ShardId", result.getShardId());
    shown.put("SequenceNumber", result.getSequenceNumber());
    shown.put("attempts", attempts);
    return shown;
  }
}
