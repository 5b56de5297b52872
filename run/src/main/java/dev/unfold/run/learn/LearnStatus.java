package dev.unfold.run.learn;

/// How learning is, as it was after the last segment: who asks does not wait for the one that is being learned. Losses
/// are means over labelled steps, before anything was learned of them; NaN of none.
///
/// @param version what is served
/// @param original the model as it was given
/// @param steps labelled steps that were scored
/// @param withoutLearning the loss of the model as it was given, over all of them
/// @param served that of what was served
/// @param learning that of the copy that learns
/// @param servedNow that of what is served, over the window
/// @param learningNow that of the copy that learns
/// @param updates how often it has learned
/// @param promotions how often it was promoted
/// @param rollbacks how often that was taken back
/// @param restarts how often it began anew because it was far worse, or not finite
/// @param skipped labelled steps that were not scored: of a session that was followed from its middle, or out of bounds
/// @param seconds that learning took
/// @param front what has not come so far
public record LearnStatus(
    String version,
    String original,
    long steps,
    double withoutLearning,
    double served,
    double learning,
    double servedNow,
    double learningNow,
    long updates,
    long promotions,
    long rollbacks,
    long restarts,
    long skipped,
    double seconds,
    Front front) {
  /// As it is counted.
  ///
  /// @param now what is served, and what learns, over the window
  static LearnStatus of(
      String version, String original, LearnCounts counts, PairedWindow.Verdict now) {
    return new LearnStatus(
        version,
        original,
        counts.steps,
        counts.original / counts.steps,
        counts.served / counts.steps,
        counts.learning / counts.steps,
        now.first(),
        now.second(),
        counts.updates,
        counts.promotions,
        counts.rollbacks,
        counts.restarts,
        counts.skipped,
        counts.seconds,
        new Front(0, 0, 0, 0, 0, 0, 0));
  }

  /// The same with what has not come so far.
  LearnStatus with(Front own) {
    return new LearnStatus(
        version,
        original,
        steps,
        withoutLearning,
        served,
        learning,
        servedNow,
        learningNow,
        updates,
        promotions,
        rollbacks,
        restarts,
        skipped,
        seconds,
        own);
  }

  /// What has been told, and waits or was dropped.
  ///
  /// @param sessions that are followed
  /// @param queued steps that are not learned so far, those of the segment at hand among them
  /// @param labelled steps whose targets were told
  /// @param refused targets of rows that are not kept any more, and the like
  /// @param dropped rows that were dropped because the queue was full
  /// @param forgotten sessions that were given up: for others, or because they were not told whole
  /// @param failures what went wrong, such as files that could not be written
  public record Front(
      int sessions,
      int queued,
      long labelled,
      long refused,
      long dropped,
      long forgotten,
      long failures) {}
}
