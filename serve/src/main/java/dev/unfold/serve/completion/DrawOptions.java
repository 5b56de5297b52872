package dev.unfold.serve.completion;

import dev.unfold.argument.Refusal;

/// How tokens are drawn.
///
/// @param temperature 1 as the model says, less makes likely tokens likelier, 0 takes the likeliest
/// @param topK so many of the likeliest are drawn from
/// @param topP the likeliest that together have this probability are drawn from; 1 for all
/// @param seed the same one draws the same
record DrawOptions(double temperature, long topK, double topP, long seed) {
  private static final double MOST = 100;

  DrawOptions {
    if (!(temperature >= 0 && temperature <= MOST)) {
      throw new Refusal("temperature", "0 to 100", temperature);
    }
    if (topK < 1) {
      throw new Refusal("top_k", "1 or more", topK);
    }
    if (!(topP > 0 && topP <= 1)) {
      throw new Refusal("top_p", "above 0, up to 1", topP);
    }
  }
}
