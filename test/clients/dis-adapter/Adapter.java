// A producer or a consumer of Huawei's Kafka adapter, as its users write them, in a process of its own
// that a test can kill. It says what it does in lines of words with tabs between them.
//
//   Adapter produce NAME=VALUE…            reads "topic partition key value" (- for none), says
//                                          "sent partition offset" or "failed why"
//   Adapter consume TOPICS NAME=VALUE…     says "assigned topic-0 …", "revoked …", and
//                                          "record partition offset key value timestamp" of each;
//                                          reads "commit" and says "committed"; ends with its input

import com.huaweicloud.dis.adapter.kafka.clients.consumer.Consumer;
import com.huaweicloud.dis.adapter.kafka.clients.consumer.ConsumerRebalanceListener;
import com.huaweicloud.dis.adapter.kafka.clients.consumer.ConsumerRecord;
import com.huaweicloud.dis.adapter.kafka.clients.consumer.DISKafkaConsumer;
import com.huaweicloud.dis.adapter.kafka.clients.producer.DISKafkaProducer;
import com.huaweicloud.dis.adapter.kafka.clients.producer.Producer;
import com.huaweicloud.dis.adapter.kafka.clients.producer.ProducerRecord;
import com.huaweicloud.dis.adapter.kafka.clients.producer.RecordMetadata;
import com.huaweicloud.dis.adapter.kafka.common.TopicPartition;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

public class Adapter {
  private static final String PREFIX = "com.huaweicloud.dis.adapter.kafka.common.serialization.String";
  private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

  public static void main(String[] args) throws Exception {
    boolean consumes = args[0].equals("consume");
    Properties properties = new Properties();
    for (String each : Arrays.asList(args).subList(consumes ? 2 : 1, args.length)) {
      String[] pair = each.split("=", 2);
      properties.put(pair[0], pair[1]);
    }
    for (String part : new String[] {"key", "value"}) {
      properties.put(part + ".serializer", PREFIX + "Serializer");
      properties.put(part + ".deserializer", PREFIX + "Deserializer");
    }
    if (consumes) consume(args[1], properties);
    else produce(properties);
    System.exit(0);
  }

  private static void say(Object... words) {
    OUT.println(Arrays.stream(words).map(String::valueOf).collect(Collectors.joining("\t")));
  }

  private static BufferedReader input() {
    return new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
  }

  private static void produce(Properties properties) throws Exception {
    Producer<String, String> producer = new DISKafkaProducer<>(properties);
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    for (String line; (line = input().readLine()) != null; ) {
      for (String each : line.split("\f")) {
        String[] word = each.split("\t", 4);
        Integer partition = word[1].equals("-") ? null : Integer.valueOf(word[1]);
        String key = word[2].equals("-") ? null : word[2];
        sent.add(producer.send(new ProducerRecord<>(word[0], partition, key, word[3])));
      }
      for (Future<RecordMetadata> each : sent) {
        try {
          RecordMetadata metadata = each.get();
          say("sent", metadata.partition(), metadata.offset());
        } catch (Exception error) {
          say("failed", error.toString().replace('\n', ' '));
        }
      }
      sent.clear();
      break;
    }
    producer.close();
  }

  private static void consume(String topics, Properties properties) throws Exception {
    Consumer<String, String> consumer = new DISKafkaConsumer<>(properties);
    ConcurrentLinkedQueue<String> wanted = new ConcurrentLinkedQueue<>();
    Thread reader = new Thread(() -> listen(wanted));
    reader.setDaemon(true);
    reader.start();
    ConsumerRebalanceListener listener =
        new ConsumerRebalanceListener() {
          @Override
          public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            say("revoked", show(partitions));
          }

          @Override
          public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            say("assigned", show(partitions));
          }
        };
    if (topics.startsWith("/")) consumer.subscribe(Pattern.compile(topics.substring(1)), listener);
    else consumer.subscribe(Arrays.asList(topics.split(",")), listener);
    for (boolean open = true; open; ) {
      try {
        for (ConsumerRecord<String, String> each : consumer.poll(200)) {
          say("record", each.partition(), each.offset(), each.key(), each.value(), each.timestamp());
        }
        for (String word; (word = wanted.poll()) != null; ) {
          if (word.equals("commit")) {
            consumer.commitSync();
            say("committed");
          } else open = false;
        }
      } catch (Exception error) {
        say("failed", error.toString().replace('\n', ' '));
        Thread.sleep(200);
      }
    }
    consumer.close();
  }

  private static void listen(ConcurrentLinkedQueue<String> wanted) {
    try (BufferedReader lines = input()) {
      for (String line; (line = lines.readLine()) != null; ) wanted.add(line);
    } catch (java.io.IOException error) {
      error.printStackTrace();
    }
    wanted.add("close");
  }

  private static String show(Collection<TopicPartition> partitions) {
    return partitions.stream().map(each -> each.topic() + "-" + each.partition()).sorted()
        .collect(Collectors.joining(" "));
  }
}
