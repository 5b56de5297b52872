package dev.unfold.run.job;

import dev.unfold.argument.Refusal;
import dev.unfold.cell.CellParameter.Role;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Noise;
import dev.unfold.model.Wiring;
import dev.unfold.model.init.Initialization;
import dev.unfold.model.init.Initializer;
import dev.unfold.train.TrainingOptions;
import dev.unfold.train.update.ParameterGroup;
import java.util.List;

/// Refuses options that a network cannot be trained with, and those that would change nothing of it: a slip, most
/// likely, that nobody would notice. (A run that was begun with one can go on.)
public final class IdleOptions {
  private IdleOptions() {}

  /// **Errors**: [IllegalArgumentException] that names the first such option.
  public static void check(
      NetworkSpec spec, Initialization initialization, TrainingOptions options) {
    options.engine().expectUsable(spec);
    ParameterGroup.check(options.rule().groups(), List.copyOf(Network.shapes(spec).keySet()));
    check(spec, initialization);
    check(spec, spec.noise());
    expect(
        spec.layers() > 1 || !spec.wiring().contains(Wiring.RESIDUAL),
        "wiring",
        "two layers or more for residual",
        "one");
  }

  private static void check(NetworkSpec spec, Initialization initialization) {
    boolean embeds = !spec.encoder().categories().isEmpty();
    expect(
        embeds || isDefault(initialization.embedding()),
        "init",
        "a network that reads tokens for embedding",
        "one of vectors");
    checkRole(spec, Role.INPUT_WEIGHT, initialization.input(), "input");
    checkRole(spec, Role.RECURRENT_WEIGHT, initialization.recurrent(), "recurrent");
    checkRole(spec, Role.BIAS, initialization.bias(), "bias");
  }

  private static void checkRole(NetworkSpec spec, Role role, Initializer initializer, String name) {
    expect(
        isDefault(initializer) || has(spec, role),
        "init",
        "a cell with parameters of the role " + name,
        spec.cellNames());
  }

  private static boolean isDefault(Initializer initializer) {
    return initializer instanceof Initializer.Default;
  }

  private static boolean has(NetworkSpec spec, Role role) {
    return spec.stack().stream()
        .flatMap(layer -> layer.cell().layout().parameters().stream())
        .anyMatch(parameter -> parameter.role() == role);
  }

  private static void check(NetworkSpec spec, Noise noise) {
    // A share without a name is that of all three places, of which some may not be there.
    boolean isNamed = noise.between() != noise.input() || noise.between() != noise.output();
    expect(
        spec.layers() > 1 || noise.between() == 0 || !isNamed,
        "dropout",
        "two layers or more for between",
        "one");
    expect(
        has(spec, Role.RECURRENT_WEIGHT) || (noise.state() == 0 && noise.weights() == 0),
        "dropout",
        "a cell with recurrent matrices for state and weights",
        spec.cellNames());
    boolean isDropped = noise.input() > 0 || noise.between() > 0 || noise.output() > 0;
    expect(
        isDropped || !noise.text().contains("variational"),
        "dropout",
        "a share of input, between or output beside variational",
        "none");
  }

  private static void expect(boolean holds, String option, String expected, String got) {
    if (!holds) {
      throw new Refusal(option, expected, got);
    }
  }
}
