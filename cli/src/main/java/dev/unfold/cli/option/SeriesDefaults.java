package dev.unfold.cli.option;

import dev.unfold.run.series.SeriesTask;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/// The defaults of commands that learn series: what is usual for those, and else as for all training.
public final class SeriesDefaults implements IDefaultValueProvider {
  private final TrainingArguments.Defaults others = new TrainingArguments.Defaults();

  @Override
  public String defaultValue(ArgSpec argument) throws Exception {
    return switch (argument instanceof OptionSpec option ? option.longestName() : "") {
      case "--cell" -> "lstm";
      case "--hidden" -> "auto";
      case "--dropout" -> SeriesTask.DROPOUT;
      case "--epochs" -> Integer.toString(SeriesTask.EPOCHS);
      case "--patience" -> Integer.toString(SeriesTask.PATIENCE);
      default -> others.defaultValue(argument);
    };
  }
}
