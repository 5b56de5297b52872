package dev.unfold.measure.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// Lets a model write, and reads it as it comes.
final class TextUser implements Users.User {
  private final HttpConnection connection;
  private final byte[] request;

  /// @param model its name
  /// @param tokens that are asked for each time
  TextUser(HttpConnection connection, String model, int tokens) {
    this.connection = connection;
    request =
        "{\"model\":\"%s\",\"prompt\":\"\\n\",\"max_tokens\":%d,\"stream\":true}"
            .formatted(model, tokens)
            .getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public Users.Counts ask(long end) throws IOException {
    Latencies latencies = new Latencies();
    long[] tokens = new long[1];
    long answers = 0;
    long errors = 0;
    String first = "";
    long begun = System.nanoTime();
    while (begun < end) {
      String[] last = {""};
      connection.stream(
          "/v1/completions",
          request,
          line -> {
            if (line.startsWith("data: {")) {
              tokens[0]++;
            }
            if (!line.isEmpty()) {
              last[0] = line;
            }
          });
      if (connection.status() == 200 && last[0].equals("data: [DONE]")) {
        latencies.add(System.nanoTime() - begun);
        answers++;
      } else {
        errors++;
        first = first.isEmpty() ? last[0] : first;
      }
      begun = System.nanoTime();
    }
    return new Users.Counts(latencies, answers, tokens[0], errors, first);
  }
}
