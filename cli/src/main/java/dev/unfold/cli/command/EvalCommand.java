package dev.unfold.cli.command;

import dev.unfold.argument.Refusal;
import dev.unfold.cli.option.BackendOption;
import dev.unfold.cli.option.JsonOption;
import dev.unfold.cli.option.LearnArguments;
import dev.unfold.cli.option.ReportOption;
import dev.unfold.cli.option.TableForm;
import dev.unfold.cli.option.ThreadsOption;
import dev.unfold.cli.option.WeightsOption;
import dev.unfold.cli.report.BacktestPage;
import dev.unfold.cli.report.BacktestReport;
import dev.unfold.cli.report.CacheReport;
import dev.unfold.cli.report.EvaluationPage;
import dev.unfold.cli.report.LabelReport;
import dev.unfold.cli.report.LearningReport;
import dev.unfold.data.label.LabelFormat;
import dev.unfold.data.label.LabelledData;
import dev.unfold.data.series.Panel;
import dev.unfold.data.sets.SetSequences;
import dev.unfold.data.text.Text;
import dev.unfold.data.text.Unit;
import dev.unfold.formats.model.LanguageModel;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.model.NetworkModel;
import dev.unfold.formats.model.SetModel;
import dev.unfold.model.Network;
import dev.unfold.run.label.LabelEvaluation;
import dev.unfold.run.label.LabelModel;
import dev.unfold.run.output.Json;
import dev.unfold.run.output.Wording;
import dev.unfold.run.score.NGram;
import dev.unfold.run.series.Backtest;
import dev.unfold.run.series.Forecaster;
import dev.unfold.run.task.SetTask;
import dev.unfold.run.task.TextCache;
import dev.unfold.run.task.TextLearning;
import dev.unfold.run.task.TextModel;
import dev.unfold.train.Evaluation;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `unfold eval`
@Command(
    name = "eval",
    description =
        "Tells how well a model predicts a text, each token from all before it, or sequences of"
            + " sets, each set from all before it; or how many of its classes or tags are right; or"
            + " how far the last horizon of series is foreseen, of which unfold backtest tells"
            + " more.",
    footer = {
      "Examples:",
      "  unfold eval model.safetensors test.txt",
      "  unfold eval model.safetensors test.txt --baseline train.txt",
      "  unfold eval model.safetensors test.txt --learn rms --learn-tune valid.txt"
    })
public final class EvalCommand implements Runnable {
  /// n of the baseline.
  private static final int ORDER = 5;

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "MODEL", description = "A trained model.")
  private Path model;

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "FILE",
      description =
          "What such a model is trained on; several files are one text. None beside --jdbc.")
  private List<Path> files = List.of();

  @Mixin private TableForm form;
  @Mixin private ReportOption report;

  @Option(
      names = "--baseline",
      paramLabel = "FILE",
      description =
          "Of texts: how well counting does, a "
              + ORDER
              + "-gram (Witten-Bell) of this text, which should be what the model was trained on.")
  private List<Path> baseline = List.of();

  @Mixin private LearnArguments learn;
  @Mixin private WeightsOption weights;
  @Mixin private JsonOption json;
  @Mixin private ThreadsOption threads;
  @Mixin private BackendOption backend;

  private record Line(
      String model,
      String unit,
      long tokens,
      int unknownTokens,
      double natsPerToken,
      double bitsPerToken,
      Double perplexity,
      Double baselineNatsPerToken) {}

  private record SetLine(String model, String unit, long steps, double natsPerStep) {}

  @Override
  public void run() {
    form.expectFiles(files);
    Optional<Path> page = report.file();
    Optional<TextLearning.Options> learning = learn.options();
    OptionalInt cache = learn.cache();
    Model read = weights.load(model, backend.kernels());
    if (!(read instanceof LanguageModel) && (learning.isPresent() || cache.isPresent())) {
      throw new Refusal(learning.isPresent() ? "learn" : "cache", "a model of texts", model);
    }
    switch (read) {
      case LanguageModel language -> {
        expectNoTables("texts", page);
        TextModel own = TextModel.of(model, language);
        if (learning.isPresent()) {
          learn(own, learning.get(), cache);
        } else if (cache.isPresent()) {
          remember(own, cache.getAsInt());
        } else {
          text(own);
        }
      }
      case SetModel sets -> {
        expectNoBaseline("sets");
        expectNoTables("sets", page);
        sets(sets.network());
      }
      case NetworkModel other -> {
        if (other.task().equals(Forecaster.TASK)) {
          expectNoBaseline("series");
          series(Forecaster.of(model, other), page);
        } else {
          expectNoBaseline("labels");
          labels(LabelModel.of(model, other), other.network(), page);
        }
      }
    }
  }

  private void expectNoTables(String kind, Optional<Path> page) {
    page.ifPresent(file -> {
      throw new Refusal("report", "a model of series, classes or tags", "one of " + kind);
    });
    form.expectNothing(kind);
  }

  private void expectNoBaseline(String kind) {
    if (!baseline.isEmpty()) {
      throw new Refusal("baseline", "none for a model of " + kind, baseline.getFirst());
    }
  }

  private void series(Forecaster forecaster, Optional<Path> page) {
    Panel panel = form.panel(forecaster, files, List.of());
    Backtest tested = Backtest.of(forecaster, panel, 1, 1);
    page.ifPresent(file ->
        new BacktestPage(forecaster, panel, tested, 1, 1, 1)
            .write(
                file,
                report.command(),
                names(),
                List.of("until " + forecaster.spec().until()),
                threads.team()));
    BacktestReport told = new BacktestReport(forecaster, tested);
    if (json.isAsked()) {
      told.json(spec.commandLine().getOut());
    } else {
      told.print(spec.commandLine().getOut());
    }
  }

  private String names() {
    return files.isEmpty()
        ? "query"
        : String.join(", ", files.stream().map(Path::toString).toList());
  }

  private void labels(LabelModel own, Network network, Optional<Path> page) {
    LabelledData data = form.labelled(own.format(), files, LabelFormat.Labels.REQUIRED);
    LabelEvaluation evaluation = own.evaluate(data);
    page.ifPresent(file ->
        new EvaluationPage(own, network, data, evaluation)
            .write(file, report.command(), names(), threads.team()));
    new LabelReport(spec.commandLine().getOut(), json.isAsked())
        .print(model.toString(), evaluation);
  }

  private void text(TextModel textModel) {
    Text text = Text.read(textModel.vocabulary(), textModel.form(), files);
    Evaluation evaluation = finite(textModel.evaluate(text, threads.team()));
    Optional<Evaluation> counted = counted(textModel, text);
    Unit unit = textModel.vocabulary().unit();
    PrintWriter out = spec.commandLine().getOut();
    if (json.isAsked()) {
      Json.print(
          out,
          new Line(
              model.toString(),
              unit.name().toLowerCase(Locale.ROOT),
              evaluation.count(),
              text.replaced().count(),
              evaluation.mean(),
              evaluation.bitsPerToken(),
              Json.finite(evaluation.perplexity()),
              counted.map(Evaluation::mean).orElse(null)));
    } else {
      out.println(Wording.loss(evaluation, Wording.token(unit)));
      counted.ifPresent(
          each -> out.printf("%d-gram: %s%n", ORDER, Wording.loss(each, Wording.token(unit))));
      out.printf(
          "%s predicted, %s%n",
          Wording.count(evaluation.count(), Wording.token(unit)), text.replaced());
    }
  }

  private void remember(TextModel textModel, int size) {
    expectNoBaselineBeside("cache");
    Text text = Text.read(textModel.vocabulary(), textModel.form(), files);
    TextCache.Outcome outcome =
        new TextCache(textModel, size, threads.team()).run(text, learn.tuning(textModel));
    finite(outcome.without().evaluation());
    tell(textModel, size, outcome, false);
    if (!json.isAsked()) {
      spec.commandLine()
          .getOut()
          .printf(
              "%s of %s predicted, %s%n",
              Wording.count(
                  outcome.with().evaluation().count(),
                  Wording.token(textModel.vocabulary().unit())),
              outcome.isOfSecondHalf() ? "the second half" : "all",
              text.replaced());
    }
  }

  private void tell(TextModel textModel, int size, TextCache.Outcome outcome, boolean isLearning) {
    CacheReport told =
        new CacheReport(
            model.toString(),
            textModel.vocabulary().unit(),
            size,
            outcome,
            learn.tuning().map(Path::toString).orElse(""),
            isLearning);
    if (json.isAsked()) {
      told.json(spec.commandLine().getOut());
    } else {
      told.print(spec.commandLine().getOut());
    }
  }

  private void expectNoBaselineBeside(String option) {
    if (!baseline.isEmpty()) {
      throw new Refusal("baseline", "none beside --" + option, baseline.getFirst());
    }
  }

  private void learn(TextModel textModel, TextLearning.Options options, OptionalInt cache) {
    expectNoBaselineBeside("learn");
    Text text = Text.read(textModel.vocabulary(), textModel.form(), files);
    TextLearning.Outcome outcome =
        new TextLearning(textModel, options, threads.team()).run(learn.texts(textModel, text));
    finite(outcome.unchanged().evaluation());
    if (!Double.isFinite(outcome.learning().evaluation().sum())) {
      throw new Refusal("learn-rate", "one that keeps the loss finite", outcome.rule().rate());
    }
    LearningReport told =
        new LearningReport(
            model.toString(),
            textModel.vocabulary().unit(),
            options,
            outcome,
            learn.tuning().map(Path::toString).orElse(""),
            text.replaced());
    if (json.isAsked()) {
      told.json(spec.commandLine().getOut());
    } else {
      told.print(spec.commandLine().getOut());
    }
    cache.ifPresent(size ->
        tell(textModel, size, new TextCache(textModel, size, threads.team()).run(outcome), true));
  }

  /// What counting makes of the same text.
  private Optional<Evaluation> counted(TextModel model, Text text) {
    if (baseline.isEmpty()) {
      return Optional.empty();
    }
    NGram gram = new NGram(ORDER, model.vocabulary().size());
    model.sequences(Text.read(model.vocabulary(), model.form(), baseline)).forEach(gram::learn);
    return Optional.of(gram.evaluate(model.sequences(text)));
  }

  private void sets(Network network) {
    int classes = network.spec().outputs();
    SetSequences sets = SetSequences.read(files).require(classes);
    Evaluation evaluation =
        finite(
            SetTask.validator(sets, classes, network.kernels().precision())
                .evaluate(network, threads.team()));
    PrintWriter out = spec.commandLine().getOut();
    if (json.isAsked()) {
      Json.print(out, new SetLine(model.toString(), "set", evaluation.count(), evaluation.mean()));
    } else {
      out.println(Wording.setLoss(evaluation));
      out.printf(
          "%s of %s predicted%n",
          Wording.count(evaluation.count(), "step"),
          Wording.count(sets.sequences().size(), "sequence"));
    }
  }

  private Evaluation finite(Evaluation evaluation) {
    if (Double.isFinite(evaluation.sum())) {
      return evaluation;
    }
    String came = "expected a finite loss, got " + evaluation.sum();
    throw TextModel.overflow(model, new ArithmeticException(came));
  }
}
