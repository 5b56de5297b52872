package dev.unfold.cli;

import dev.unfold.data.Text;
import dev.unfold.data.Unit;
import dev.unfold.train.Evaluation;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `unfold eval`
@Command(
    name = "eval",
    description = "Tells how well a model predicts a text, each token from all before it.",
    footer = "Example: unfold eval model.safetensors test.txt")
final class EvalCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "MODEL", description = "A model that was trained on text.")
  private Path model;

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "FILE",
      description = "UTF-8 text; several files are one text.")
  private List<Path> files;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Mixin private ThreadsOption threads;
  @Mixin private BackendOption backend;

  private record Line(
      String model,
      String unit,
      long tokens,
      int unknownTokens,
      double natsPerToken,
      double bitsPerToken,
      Double perplexity) {}

  @Override
  public void run() {
    TextModel textModel = TextModel.load(model, backend.kernels());
    Text text = Text.read(textModel.vocabulary(), files).requireWindow(1);
    Evaluation evaluation = Evaluation.of(textModel.network(), text.tokens(), threads.team());
    if (!Double.isFinite(evaluation.sum())) {
      String came = "expected a finite loss, got " + evaluation.sum();
      throw TextModel.overflow(model, new ArithmeticException(came));
    }
    Unit unit = textModel.vocabulary().unit();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      Json.print(
          out,
          new Line(
              model.toString(),
              unit.name().toLowerCase(Locale.ROOT),
              evaluation.count(),
              text.replaced().count(),
              evaluation.mean(),
              evaluation.bitsPerToken(),
              Json.finite(evaluation.perplexity())));
    } else {
      out.println(Wording.loss(evaluation, unit));
      out.printf(
          "%s predicted, %s%n",
          Wording.count(evaluation.count(), Wording.token(unit)), text.replaced());
    }
  }
}
