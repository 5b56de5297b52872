package dev.unfold.cli.command;

import dev.unfold.argument.Refusal;
import dev.unfold.cli.option.BackendOption;
import dev.unfold.cli.option.SeedOption;
import dev.unfold.cli.option.WeightsOption;
import dev.unfold.cli.report.SamplePrinter;
import dev.unfold.data.text.Replaced;
import dev.unfold.data.text.Text;
import dev.unfold.data.text.Vocabulary;
import dev.unfold.infer.Sampler;
import dev.unfold.run.task.TextModel;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `unfold sample`
@Command(
    name = "sample",
    description =
        "Writes text as a model goes on with it; a model of lines writes lines, each of which"
            + " begins with the prompt.",
    footer = "Example: unfold sample model.safetensors --prompt \"To be\" --length 300")
public final class SampleCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "A model that was trained on text.")
  private Path model;

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "What the model goes on from (default: the start of a line).")
  private String prompt;

  @Option(
      names = "--length",
      paramLabel = "N",
      defaultValue = "500",
      description = "Tokens to write (default: ${DEFAULT-VALUE}).")
  private int length;

  @Option(
      names = "--temperature",
      paramLabel = "X",
      defaultValue = "0.8",
      description =
          "1 draws as the model says, less makes likely tokens likelier, 0 always takes the"
              + " likeliest (default: ${DEFAULT-VALUE}).")
  private double temperature;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      description = "Draw among the K likeliest tokens only (default: all).")
  private Integer topK;

  @Mixin private SeedOption seed;
  @Mixin private WeightsOption weights;
  @Mixin private BackendOption backend;

  @Override
  public void run() {
    if (length < 1) {
      throw new Refusal("length", "1 or more", length);
    }
    TextModel textModel = TextModel.of(model, weights.load(model, backend.kernels()));
    Vocabulary vocabulary = textModel.vocabulary();
    int most = topK == null ? vocabulary.size() : topK;
    Sampler sampler = new Sampler(textModel.network(), temperature, most, seed.value());
    Replaced replaced = Text.of(vocabulary, "--prompt", prompt).replaced();
    if (!prompt.isEmpty() && replaced.count() > 0) {
      spec.commandLine().getErr().println("unfold: --prompt: " + replaced);
    }
    SamplePrinter printer = new SamplePrinter(spec.commandLine().getOut(), textModel.writer());
    try {
      printer.print(sampler, vocabulary.encode(prompt), length);
    } catch (ArithmeticException e) {
      throw TextModel.overflow(model, e);
    }
  }
}
