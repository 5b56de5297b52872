package dev.unfold.model.init;

import dev.unfold.argument.Clause;
import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.cell.Cell;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/// How the parameters of a new network start, by what they do.
///
///     Initialization irnn = Initialization.parse("recurrent=identity,bias=0");
///
/// What it says nothing about starts as in PyTorch. Vectors of a cell's own start where the cell says
/// ([dev.unfold.cell.Start]): gains of layer normalisation at 1, say.
///
/// @param embedding the vectors of tokens; by default normal with mean 0 and deviation 1, or as the readout if its
///     matrix is theirs
/// @param readout the readout's matrix; its biases are 0 then. By default both are uniform in (-1/sqrt(H), 1/sqrt(H))
///     for H inputs
/// @param input matrices whose operand depends on the input alone
/// @param recurrent matrices whose operand depends on a state
/// @param bias the biases of affine maps: one number for all, or drawn in a way that needs no number of rows and
///     columns
/// @param forgetBias what the biases of a forget gate add up to, if that is something else
public record Initialization(
    Initializer embedding,
    Initializer input,
    Initializer recurrent,
    Initializer readout,
    Initializer bias,
    OptionalDouble forgetBias) {
  private static final String ROLES = "embedding, input, recurrent, readout, bias or forget";

  /// Checks that biases are what they can be.
  public Initialization {
    if (!bias.suitsVectors()) {
      throw Refusal.within(
          "init", "bias", "default, uniform:BOUND, normal:DEVIATION or a number", bias.text());
    }
    if (!Double.isFinite(forgetBias.orElse(0))) {
      throw Refusal.within("init", "forget", "a finite number", forgetBias.getAsDouble());
    }
  }

  /// As in PyTorch.
  public static Initialization defaults() {
    Initializer asInPyTorch = new Initializer.Default();
    return new Initialization(
        asInPyTorch, asInPyTorch, asInPyTorch, asInPyTorch, asInPyTorch, OptionalDouble.empty());
  }

  /// The same with other vectors of tokens.
  public Initialization withEmbedding(Initializer embedding) {
    return new Initialization(embedding, input, recurrent, readout, bias, forgetBias);
  }

  /// The same with another readout.
  public Initialization withReadout(Initializer readout) {
    return new Initialization(embedding, input, recurrent, readout, bias, forgetBias);
  }

  /// The same with other input matrices.
  public Initialization withInput(Initializer input) {
    return new Initialization(embedding, input, recurrent, readout, bias, forgetBias);
  }

  /// The same with other recurrent matrices.
  public Initialization withRecurrent(Initializer recurrent) {
    return new Initialization(embedding, input, recurrent, readout, bias, forgetBias);
  }

  /// The same with other biases.
  public Initialization withBias(Initializer bias) {
    return new Initialization(embedding, input, recurrent, readout, bias, forgetBias);
  }

  /// The same with another bias of forget gates.
  public Initialization withForgetBias(double value) {
    return new Initialization(embedding, input, recurrent, readout, bias, OptionalDouble.of(value));
  }

  /// Checks that `cell` can start so.
  ///
  /// **Errors**: [IllegalArgumentException] if there is to be a forget bias and the cell has none.
  public void check(Cell cell) {
    check(List.of(cell));
  }

  /// The same for a network with layers of `cells`, of which one is enough.
  public void check(List<Cell> cells) {
    if (forgetBias.isPresent() && cells.stream().noneMatch(Initialization::hasForgetBias)) {
      String names = cells.stream().map(Cell::name).distinct().collect(Collectors.joining(","));
      throw Refusal.within("init", "forget", "a cell with the bias of a forget gate", names);
    }
  }

  private static boolean hasForgetBias(Cell cell) {
    return cell.layout().parameters().stream()
        .filter(parameter -> !parameter.role().isMatrix())
        .flatMap(parameter -> parameter.blocks().stream())
        .anyMatch(block -> cell.forgetBiases().contains(block.name()));
  }

  /// The initialisation that `text` describes: `default`, or `ROLE=WHAT`, separated by commas, where ROLE is
  /// `embedding`, `input`, `recurrent`, `readout`, `bias` or `forget` and WHAT is as [Initializer#of] takes it.
  ///
  /// **Errors**: [IllegalArgumentException] that names the part that cannot be understood.
  public static Initialization parse(String text) {
    Initialization initialization = defaults();
    if (Expect.given("init", text).equals("default")) {
      return initialization;
    }
    Clause read = Clause.list("init", "ROLE=WHAT with a role of " + ROLES, text);
    for (Clause.Part part : read.parts()) {
      String what = part.term();
      initialization =
          switch (part.name()) {
            case "embedding" -> initialization.withEmbedding(Initializer.of(what));
            case "readout" -> initialization.withReadout(Initializer.of(what));
            case "input" -> initialization.withInput(Initializer.of(what));
            case "recurrent" -> initialization.withRecurrent(Initializer.of(what));
            case "bias" -> initialization.withBias(Initializer.of(what));
            case "forget" -> initialization.withForgetBias(number(what));
            default -> throw read.refusal(part);
          };
    }
    return initialization;
  }

  private static double number(String what) {
    if (Initializer.of(what) instanceof Initializer.Constant constant) {
      return constant.value();
    }
    throw Refusal.within("init", "forget", "a number", what);
  }

  /// What [#parse] makes this from: what differs from the default.
  public String text() {
    Clause differing = Clause.empty();
    differing = with(differing, "embedding", embedding);
    differing = with(differing, "input", input);
    differing = with(differing, "recurrent", recurrent);
    differing = with(differing, "readout", readout);
    differing = with(differing, "bias", bias);
    if (forgetBias.isPresent()) {
      differing = differing.with("forget", forgetBias.getAsDouble());
    }
    return differing.parts().isEmpty() ? "default" : differing.text();
  }

  private static Clause with(Clause clause, String role, Initializer initializer) {
    return initializer instanceof Initializer.Default
        ? clause
        : clause.with(role, initializer.text());
  }
}
