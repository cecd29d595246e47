import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Runs a vendor's client, unmodified, for a test.
 *
 * <p>A line of JSON comes in per call, {"id", "client", "method", "args"}, and one goes out for what became
 * of it, when it did: {"id", "result"} or {"id", "error"}. The method "open" makes the client of that name.
 * Bytes travel as base64, times as milliseconds since 1970. Ends with its input.
 */
public final class Calls {
  /** What a family of clients is: its class is named by the argument. */
  public interface Clients {
    Client open(Map<String, Object> options) throws Exception;
  }

  public interface Client extends AutoCloseable {
    Object call(String method, Map<String, Object> args) throws Exception;
  }

  private static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] arguments) throws Exception {
    PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    Clients clients = (Clients) Class.forName(arguments[0]).getDeclaredConstructor().newInstance();
    Map<String, Future<Client>> opened = new ConcurrentHashMap<>();
    ExecutorService threads = Executors.newCachedThreadPool();
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      Map<String, Object> call = JSON.readValue(line, new TypeReference<Map<String, Object>>() {});
      String client = (String) call.get("client");
      Map<String, Object> args = argsOf(call);
      if (call.get("method").equals("open")) opened.put(client, threads.submit(() -> clients.open(args)));
      threads.execute(
          () -> {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("id", call.get("id"));
            try {
              Client it = opened.get(client).get();
              boolean isOpening = call.get("method").equals("open");
              answer.put("result", isOpening ? null : it.call((String) call.get("method"), args));
            } catch (Throwable error) {
              answer.put("error", describe(error));
            }
            try {
              String text = JSON.writeValueAsString(answer);
              synchronized (answers) {
                answers.println(text);
              }
            } catch (Exception error) {
              error.printStackTrace();
            }
          });
    }
    for (Future<Client> each : opened.values()) each.get().close();
    System.exit(0);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> argsOf(Map<String, Object> call) {
    return (Map<String, Object>) call.get("args");
  }

  private static Map<String, Object> describe(Throwable error) {
    Throwable cause = error;
    while (isWrapper(cause) && cause.getCause() != null) cause = cause.getCause();
    Map<String, Object> described = new LinkedHashMap<>();
    described.put("type", cause.getClass().getSimpleName());
    described.put("message", String.valueOf(cause.getMessage()));
    for (Throwable each = cause.getCause(); each != null; each = each.getCause()) {
      described.merge("message", " < " + each, (a, b) -> a + (String) b);
    }
    return described;
  }

  private static boolean isWrapper(Throwable error) {
    return error instanceof java.util.concurrent.ExecutionException
        || error instanceof java.util.concurrent.CompletionException
        || error instanceof java.lang.reflect.InvocationTargetException;
  }
}
