package dev.unfold.serve;

import dev.unfold.argument.Refusal;
import dev.unfold.run.learn.ContestOptions;
import dev.unfold.run.learn.Decision;
import dev.unfold.run.learn.LearnLimits;
import dev.unfold.run.learn.LearnListener;
import dev.unfold.run.learn.LearnOptions;
import dev.unfold.run.learn.OwnOptions;
import dev.unfold.serve.json.JsonBody;
import dev.unfold.serve.model.LearnSettings;
import dev.unfold.serve.watch.JsonLines;
import dev.unfold.train.update.UpdateRule;
import java.io.PrintWriter;
import java.util.Optional;
import picocli.CommandLine.Option;

/// The options that say how models learn while they are served.
final class LearnChoice {
  @Option(
      names = "--learn",
      description =
          "Learn from what sessions read: a copy is served once it is better. What is promoted goes"
              + " to the folder learned of the store, or to NAME.learned beside the model.")
  private boolean learn;

  @Option(
      names = "--learn-engine",
      paramLabel = "NAME",
      description = "How the copy learns: bptt, or an online rule such as snap1 (default: bptt).")
  private String engine;

  @Option(
      names = "--learn-segment",
      paramLabel = "N",
      description =
          "Steps between changes of the copy's parameters; back-propagation goes back as far"
              + " (default: 20).")
  private Integer segment;

  @Option(
      names = "--learn-rate",
      paramLabel = "X",
      description = "The copy's step size, by gradient descent (default: 0.05).")
  private Double rate;

  @Option(
      names = "--learn-window",
      paramLabel = "N",
      description =
          "Labelled steps over which the copy must be better to be served (default: 2000).")
  private Integer window;

  @Option(
      names = "--learn-margin",
      paramLabel = "X",
      description = "By which share of the loss it must be better (default: 0.01).")
  private Double margin;

  @Option(
      names = "--learn-share",
      paramLabel = "X",
      description = "The share of one processor's time that learning takes (default: 0.2).")
  private Double share;

  /// What was chosen.
  ///
  /// @param err where decisions are told, a line of JSON each
  Optional<LearnSettings> settings(PrintWriter err) {
    if (!learn) {
      expectNothing("learn-engine", engine);
      expectNothing("learn-segment", segment);
      expectNothing("learn-rate", rate);
      expectNothing("learn-window", window);
      expectNothing("learn-margin", margin);
      expectNothing("learn-share", share);
      return Optional.empty();
    }
    try {
      return Optional.of(new LearnSettings(options(), OwnOptions.defaults(), telling(err)));
    } catch (Refusal e) {
      throw e.renamed("learn-" + (e.argument().equals("lr") ? "rate" : e.argument()));
    }
  }

  private LearnOptions options() {
    LearnOptions usual = LearnOptions.defaults();
    ContestOptions contest = usual.contest();
    LearnLimits limits = usual.limits();
    UpdateRule rule = rate == null ? usual.rule() : usual.rule().withRate(rate);
    return usual
        .withSegment(segment == null ? usual.segment() : segment)
        .withEngine(engine == null ? usual.engine() : engine)
        .with(rule)
        .with(
            new ContestOptions(
                window == null ? contest.window() : window,
                margin == null ? contest.margin() : margin,
                contest.deviations(),
                contest.fall()))
        .with(
            new LearnLimits(
                limits.sessions(),
                limits.waiting(),
                limits.queue(),
                share == null ? limits.share() : share));
  }

  private static void expectNothing(String name, Object value) {
    if (value != null) {
      throw new Refusal(name, "--learn beside it", value);
    }
  }

  private static LearnListener telling(PrintWriter err) {
    JsonLines lines = new JsonLines(err);
    return new LearnListener() {
      @Override
      public void decided(Decision decision) {
        lines.write(decision.members());
      }

      @Override
      public void failed(RuntimeException failure) {
        lines.write(
            JsonBody.members("kind", "failure", "detail", String.valueOf(failure.getMessage())));
      }
    };
  }
}
