package dev.unfold.run.learn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.run.learn.Decision.Kind;
import dev.unfold.run.session.ModelVersion;
import dev.unfold.run.session.Sessions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ServedLearnerTest {
  @TempDir private Path folder;

  private final List<Decision> decisions = new ArrayList<>();
  private final LearnListener listener =
      new LearnListener() {
        @Override
        public void decided(Decision decision) {
          decisions.add(decision);
          System.out.println(decision);
        }
      };

  private ServedLearner learner(Sessions sessions, LearnOptions options) {
    return ServedLearner.synchronous(sessions, folder, options, listener, Streams.CLOCK);
  }

  @Test
  void shadow_onAStreamThatDrifts_isPromoted() {
    ModelVersion original = Streams.sensor(1);
    Sessions sessions = Streams.sessions(original);
    ServedLearner learner = learner(sessions, Streams.options(0.1));

    Streams.tell(learner, "s", 0, Streams.steps(2000, 0.5, 0.05, 1));
    LearnStatus status = learner.status();
    System.out.println(status);

    assertEquals(Kind.PROMOTION, decisions.getFirst().kind());
    assertTrue(status.learning() < status.served());
    Streams.tell(learner, "s", 2000, Streams.steps(2000, -0.5, 0.05, 1));
    System.out.println(learner.status());
    Streams.tell(learner, "s", 4000, Streams.steps(2000, 0.5, 0.5, 1));
    System.out.println(learner.status());
  }
}
