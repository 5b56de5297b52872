package dev.unfold.run.job;

import dev.unfold.argument.Refusal;
import dev.unfold.train.Budget;
import dev.unfold.train.TrainingOptions;
import dev.unfold.train.update.Averaging;
import dev.unfold.train.update.Clip;
import dev.unfold.train.update.OptimizerSpec;
import dev.unfold.train.update.ParameterGroup;
import dev.unfold.train.update.Schedule;
import dev.unfold.train.update.UpdateRule;
import java.util.List;
import java.util.Set;

/// How options want a network to be trained.
final class TrainingChoice {
  static final Set<String> NAMES =
      Set.of(
          "batch",
          "blocks",
          "epochs",
          "optimizer",
          "lr",
          "schedule",
          "decay",
          "group",
          "clip",
          "accumulate",
          "average",
          "patience",
          "interval");

  private TrainingChoice() {}

  /// `usual` with what was said.
  ///
  /// **Errors**: a [Refusal] that names the option.
  static TrainingOptions of(NamedOptions options, TrainingOptions usual) {
    return usual
        .withBatch(options.whole("batch", usual.batch()))
        .withBlocks(options.whole("blocks", usual.blocks()))
        .withBudget(
            options.has("epochs") ? new Budget.Epochs(options.whole("epochs", 1)) : usual.budget())
        .withRule(rule(options, usual.rule()))
        .withInterval(options.whole("interval", usual.interval()))
        .withPatience(options.whole("patience", usual.patience()));
  }

  private static UpdateRule rule(NamedOptions options, UpdateRule usual) {
    OptimizerSpec formula =
        options.find("optimizer").map(OptimizerSpec::parse).orElse(usual.optimizer());
    double rate = options.has("optimizer") ? formula.defaultRate() : usual.learningRate();
    List<ParameterGroup> groups =
        options
            .find("group")
            .map(text -> List.of(text.split(";", -1)).stream().map(ParameterGroup::parse).toList())
            .orElse(usual.groups());
    return new UpdateRule(
        formula,
        options.number("lr", rate),
        options.number("decay", usual.decay()),
        groups,
        options.find("clip").map(Clip::parse).orElse(usual.clip()),
        options.find("schedule").map(Schedule::parse).orElse(usual.schedule()),
        options.whole("accumulate", usual.accumulation()),
        options.find("average").map(Averaging::parse).orElse(usual.averaging()));
  }
}
