package dev.unfold.run;

import dev.unfold.cell.library.Cells;
import dev.unfold.data.label.LabelledData;
import dev.unfold.data.label.LabelledSequence;
import dev.unfold.data.text.Corpus;
import dev.unfold.data.text.TextForm;
import dev.unfold.data.text.Unit;
import dev.unfold.formats.model.Provenance;
import dev.unfold.head.Head;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Noise;
import dev.unfold.model.Wiring;
import dev.unfold.model.init.Initialization;
import dev.unfold.run.TrainingRun.Share;
import dev.unfold.run.folder.RunFolder;
import dev.unfold.run.label.LabelOptions;
import dev.unfold.run.label.LabelTraining;
import dev.unfold.run.series.Output;
import dev.unfold.run.series.Panels;
import dev.unfold.run.series.SeriesOptions;
import dev.unfold.run.series.SeriesTask;
import dev.unfold.run.series.StateUse;
import dev.unfold.run.task.CorpusTask;
import dev.unfold.run.task.Task;
import dev.unfold.train.Budget;
import dev.unfold.train.TrainingEvent;
import dev.unfold.train.TrainingOptions;
import dev.unfold.train.TrainingResult;
import dev.unfold.train.Workers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/// Small training runs of several kinds, each of which a process may have alone or share with others.
public enum SharedRuns {
  /// Text whose state goes on from window to window, with random masks in all places.
  TEXT {
    @Override
    Task task() {
      SplittableRandom random = new SplittableRandom(1);
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < 300; i++) {
        text.append(WORDS[random.nextInt(WORDS.length)]).append(i % 8 == 0 ? '\n' : ' ');
      }
      return CorpusTask.of(TextForm.STREAM, Corpus.of(Unit.CHAR, "text", text.toString()), SEED);
    }

    @Override
    NetworkSpec spec(Task task) {
      int tokens = task.head().outputs();
      return new NetworkSpec(
          Cells.lstm(),
          new Encoder.Embedding(tokens, 6),
          9,
          2,
          new Head.Classes(tokens),
          Set.of(),
          Noise.dropout(0.2).withState(0.1).withWeights(0.1));
    }

    @Override
    TrainingOptions options(TrainingOptions usual) {
      return usual.withSteps(8).withBatch(10).withInterval(9);
    }
  },

  /// Forecasts of series with missing values.
  SERIES {
    @Override
    Task task() {
      SeriesOptions options =
          new SeriesOptions(
                  6,
                  OptionalInt.of(20),
                  OptionalInt.of(24),
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty(),
                  60,
                  OptionalInt.empty())
              .withState(StateUse.WINDOW);
      return new SeriesTask(
          Panels.of(SEED, 400, 330),
          options,
          Output.parse("student"),
          Precision.FLOAT,
          3,
          List.of());
    }

    @Override
    NetworkSpec spec(Task task) {
      SeriesTask series = (SeriesTask) task;
      return new NetworkSpec(Cells.gru(), series.encoder(), 8, 1, series.head());
    }

    @Override
    TrainingOptions options(TrainingOptions usual) {
      return usual.withSteps(26).withBatch(11);
    }
  },

  /// Tags of sequences, in both directions, which are fewer in the last batch of an epoch.
  TAGS {
    @Override
    Task task() {
      return training().task();
    }

    private LabelTraining training() {
      return LabelTraining.ofSteps(
          words(50, 1),
          words(12, 2),
          LabelOptions.ofTagger().withEmbedding(6).withLeast(1),
          Precision.FLOAT);
    }

    @Override
    NetworkSpec spec(Task task) {
      return new NetworkSpec(Cells.lstm(), training().encoder(), 6, 1, task.head())
          .with(Wiring.BIDIRECTIONAL);
    }

    @Override
    TrainingOptions options(TrainingOptions usual) {
      return usual
          .withBatch(9)
          .withBudget(new Budget.Epochs(4))
          .withRule(usual.rule().withAccumulation(2));
    }
  };

  private static final long SEED = 5;

  private static final String[] WORDS = {
    "the", "error", "flows", "back", "through", "time", "and", "fades", "as", "it", "goes"
  };

  /// What is learned.
  abstract Task task();

  abstract NetworkSpec spec(Task task);

  abstract TrainingOptions options(TrainingOptions usual);

  /// The run, or a process's share of it.
  ///
  /// @param blocks N
  /// @param folder for checkpoints; of the first worker
  TrainingRun of(int blocks, Path model, Optional<RunFolder> folder, Share share) {
    Task task = task();
    Kernels kernels = Backends.best(Precision.FLOAT);
    Network network = Network.create(spec(task), kernels, SEED, Initialization.defaults());
    TrainingOptions usual = TrainingOptions.defaults().withBudget(new Budget.Epochs(2));
    return new TrainingRun(
        task,
        network,
        new Provenance.Beginning(SEED, Initialization.defaults(), Optional.empty()),
        options(usual).withBlocks(blocks),
        Team.of(1),
        model,
        folder,
        share);
  }

  /// The share of `workers` in a run without checkpoints, whose model goes to `model`.
  public TrainingRun of(int blocks, Path model, Workers workers) {
    return of(blocks, model, Optional.empty(), new Share(workers, 0));
  }

  /// Words whose tag is their last letter.
  private static LabelledData words(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<LabelledSequence> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String[] words = new String[1 + random.nextInt(7)];
      Arrays.setAll(words, _ -> "w" + random.nextInt(40) + "xyz".charAt(random.nextInt(3)));
      List<String> tags =
          Arrays.stream(words).map(word -> word.substring(word.length() - 1)).toList();
      all.add(LabelledSequence.ofWords(words).withLabels(tags));
    }
    return LabelledData.ofWords(all);
  }

  /// A report that tells one listener.
  public static Report telling(Consumer<TrainingEvent> listener) {
    return new Report() {
      @Override
      public void begin(TrainingRun run) {
        // Nobody reads it.
      }

      @Override
      public void event(TrainingEvent event) {
        listener.accept(event);
      }

      @Override
      public void stopping() {
        // Nobody reads it.
      }

      @Override
      public void end(TrainingRun run, TrainingResult result) {
        // Nobody reads it.
      }
    };
  }
}
