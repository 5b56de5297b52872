package dev.unfold.run.learn;

import dev.unfold.argument.Refusal;
import dev.unfold.formats.model.LanguageModel;
import dev.unfold.formats.model.Model;
import dev.unfold.head.Head;
import dev.unfold.head.SeveralHeads;
import dev.unfold.head.SeveralTargets;
import dev.unfold.head.Targets;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.model.Network;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;

/// What is right at a step of a model, and what says that nothing is known of it.
///
/// @param head that of the model
/// @param kernels that of its network
/// @param isNext whether the next token that is read is what was right
record LabelKind(Head head, Kernels kernels, boolean isNext) {
  /// That of a model.
  ///
  /// **Errors**: [Refusal] if it has no losses of steps, or cannot learn.
  static LabelKind of(Model model) {
    Network network = model.network();
    if (network.spec().directions() > 1 || !network.spec().head().isOfSteps()) {
      throw new Refusal(
          "model",
          "layers of one direction and outputs at each step, to learn while it is served",
          network.spec().directions() > 1
              ? "both directions"
              : "a head of " + network.spec().head().text());
    }
    if (network.weightFormat() != WeightFormat.FLOAT32) {
      throw new Refusal("weights", "32 bits to learn", network.weightFormat().text());
    }
    LabelKind kind =
        new LabelKind(network.spec().head(), network.kernels(), model instanceof LanguageModel);
    kind.none();
    return kind;
  }

  /// Whether losses are in nats.
  boolean isNats() {
    return head.valueLoss().isEmpty() && !(head instanceof SeveralHeads);
  }

  /// One row without a target.
  Targets none() {
    return none(head);
  }

  private Targets none(Head of) {
    if (of instanceof SeveralHeads several) {
      return new SeveralTargets(several.parts().stream().map(part -> none(part.head())).toList());
    }
    if (of.valueLoss().isPresent()) {
      int numbers = of instanceof Head.Values values ? values.numbers() : of.outputs();
      Matrix missing = Matrix.onHeap(kernels.type(), 1, numbers);
      for (int n = 0; n < numbers; n++) {
        missing.set(0, n, Double.NaN);
      }
      return new Targets.Values(missing);
    }
    Targets none = new Targets.Classes(new int[] {Targets.NO_TARGET}, 0);
    of.check(none);
    return none;
  }

  /// Checks that these can be learned from.
  ///
  /// **Errors**: [IllegalArgumentException] that says what is wrong.
  void check(Targets targets) {
    expectAlike(none(), targets);
    head.check(targets);
    int rows = targets.rows();
    Batch all = Batch.of(rows, 1, new Inputs.Tokens(new int[rows], 0), targets);
    all.expectFinite(kernels);
    all.expectClasses(head);
  }

  /// **Errors**: [Refusal] for what is no token of a model of texts.
  void expectToken(int token) {
    if (token < 0 || token >= head.outputs()) {
      throw new Refusal("token", "0 to V-1=%d".formatted(head.outputs() - 1), token);
    }
  }

  /// A segment has targets of one kind, as wide as its outputs are.
  private static void expectAlike(Targets own, Targets given) {
    if (own instanceof Targets.Values values
        && given instanceof Targets.Values others
        && values.values().cols() != others.values().cols()) {
      throw new Refusal(
          "target",
          "%d numbers in each row".formatted(values.values().cols()),
          others.values().cols());
    }
    if (own.getClass() != given.getClass()) {
      throw new Refusal("target", own.getClass().getSimpleName(), given.getClass().getSimpleName());
    }
    if (own instanceof SeveralTargets several && given instanceof SeveralTargets others) {
      if (several.parts().size() != others.parts().size()) {
        throw new Refusal(
            "target", "those of %d heads".formatted(several.parts().size()), others.parts().size());
      }
      for (int i = 0; i < several.parts().size(); i++) {
        expectAlike(several.parts().get(i), others.parts().get(i));
      }
    }
  }
}
