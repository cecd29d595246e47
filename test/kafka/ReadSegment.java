// Prints the records of a log segment as Kafka's own code reads them, a line each:
//
//   OFFSET CODEC KEY VALUE    key and value in base64, `-` for none
//
// It fails where a batch's checksum, framing or compression is not what Kafka expects. Run as a
// single source file: java -cp 'JARS/*' ReadSegment.java FILE…
import java.io.File;
import java.nio.ByteBuffer;
import java.util.Base64;
import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;

public class ReadSegment {
  public static void main(String[] files) throws Exception {
    for (String file : files) {
      try (FileRecords segment = FileRecords.open(new File(file), false)) {
        for (RecordBatch batch : segment.batches()) {
          batch.ensureValid();
          for (Record record : batch) {
            record.ensureValid();
            System.out.println(String.join(" ", String.valueOf(record.offset()),
                batch.compressionType().name, text(record.key()), text(record.value())));
          }
        }
      }
    }
  }

  private static String text(ByteBuffer bytes) {
    if (bytes == null) return "-";
    byte[] copy = new byte[bytes.remaining()];
    bytes.duplicate().get(copy);
    return Base64.getEncoder().encodeToString(copy);
  }
}
