package dev.unfold.serve.http;

import dev.unfold.argument.Expect;

/// A request cannot be answered as it was meant; what is told instead.
public final class ProblemException extends RuntimeException {
  private final transient Problem problem;

  ProblemException(Problem problem, Throwable cause) {
    super(Expect.given("problem", problem).detail(), cause, false, false);
    this.problem = problem;
  }

  /// What is told.
  public Problem problem() {
    return problem;
  }
}
