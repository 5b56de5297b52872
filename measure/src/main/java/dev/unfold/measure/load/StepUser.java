package dev.unfold.measure.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Steps its sessions in turn, a token a request, and expects each to be where it left it: a step that was lost, or
/// done twice, is an error.
final class StepUser implements Users.User {
  private final HttpConnection connection;
  private final List<TokenSession> sessions;
  private final boolean isChecked;
  private int next;

  /// @param isChecked whether the last answer of each session is kept
  StepUser(HttpConnection connection, List<TokenSession> sessions, boolean isChecked) {
    this.connection = connection;
    this.sessions = sessions;
    this.isChecked = isChecked;
  }

  @Override
  public Users.Counts ask(long end) throws IOException {
    Latencies latencies = new Latencies();
    long answers = 0;
    long errors = 0;
    String first = "";
    long begun = System.nanoTime();
    while (begun < end) {
      TokenSession session = sessions.get(next);
      next = (next + 1) % sessions.size();
      byte[] answer = connection.post(session.path(), session.request());
      long now = System.nanoTime();
      if (connection.status() == 200) {
        latencies.add(now - begun);
        answers++;
        session.advance(isChecked ? answer : null);
      } else {
        errors++;
        first = first.isEmpty() ? new String(answer, StandardCharsets.UTF_8) : first;
      }
      begun = System.nanoTime();
    }
    return new Users.Counts(latencies, answers, 0, errors, first);
  }
}
