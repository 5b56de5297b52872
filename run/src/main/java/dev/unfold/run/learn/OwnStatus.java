package dev.unfold.run.learn;

/// What a session with weights of its own has learned.
///
/// @param base the version that it began with
/// @param updates how often its weights have changed
/// @param restarts how often it began anew, since it was far worse than without learning, or no longer finite
/// @param steps labelled steps that it learned of
/// @param loss their mean loss, before it did; NaN of none
/// @param withoutLearning what that would have been with the version that it began with
public record OwnStatus(
    String base, long updates, long restarts, long steps, double loss, double withoutLearning) {
  /// That of one that has learned nothing.
  ///
  /// @param base the version that it runs
  public static OwnStatus nothing(String base) {
    return new OwnStatus(base, 0, 0, 0, Double.NaN, Double.NaN);
  }
}
