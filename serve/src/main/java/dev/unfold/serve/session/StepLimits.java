package dev.unfold.serve.session;

import dev.unfold.argument.Refusal;
import dev.unfold.run.session.ModelVersion;
import dev.unfold.serve.http.Problem;
import dev.unfold.serve.http.ProblemException;
import io.helidon.http.Status;

/// What a step may read and tell at most, so that one request neither holds a session for long nor fills the memory.
final class StepLimits {
  static final int ROWS = 1 << 16;
  static final long NUMBERS = 1 << 20;

  private StepLimits() {}

  /// To be asked before anything is read.
  ///
  /// @param isStream whether each row is told by itself
  ///
  /// **Errors**: [ProblemException] of status 413.
  static void expect(ModelVersion version, int rows, StepRequest request, boolean isStream) {
    if (rows > ROWS) {
      throw tooLong(new Refusal("rows", "at most %,d".formatted(ROWS), "%,d".formatted(rows)));
    }
    long told =
        switch (request.outputs()) {
          case ALL -> isStream ? 1 : rows;
          case LAST -> 1;
          case NONE -> 0;
        };
    int each = version.network().spec().head().outputs();
    long numbers = told * each * (request.hasLogits() ? 2 : 1);
    if (numbers > NUMBERS) {
      throw tooLong(
          new Refusal(
              "outputs",
              "at most %,d numbers in an answer".formatted(NUMBERS),
              "%,d".formatted(numbers)));
    }
  }

  private static ProblemException tooLong(Refusal refusal) {
    Problem problem = Problem.of(Status.REQUEST_ENTITY_TOO_LARGE_413, refusal);
    return problem.exception();
  }
}
