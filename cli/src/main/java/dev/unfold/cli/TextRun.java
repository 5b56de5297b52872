package dev.unfold.cli;

import dev.unfold.data.Corpus;
import dev.unfold.data.Source;
import dev.unfold.data.Text;
import dev.unfold.formats.LanguageModel;
import dev.unfold.formats.ModelFile;
import dev.unfold.formats.Provenance;
import dev.unfold.formats.Provenance.DataFile;
import dev.unfold.kernels.Team;
import dev.unfold.net.Network;
import dev.unfold.train.Evaluation;
import dev.unfold.train.TextData;
import dev.unfold.train.Trainer;
import dev.unfold.train.TrainingEvent;
import dev.unfold.train.TrainingException;
import dev.unfold.train.TrainingMemory;
import dev.unfold.train.TrainingOptions;
import dev.unfold.train.TrainingResult;
import java.nio.file.Path;
import java.util.List;

/// A network to be trained on a text, and the file that is to have the best model.
///
/// The file is written whenever a validation is the best so far, so that whatever ends the process
/// leaves that model.
///
/// @param corpus the text
/// @param network what is trained
/// @param beginning how its parameters started
/// @param options how it is trained
/// @param team the threads
/// @param model the file
record TextRun(
    Corpus corpus,
    Network network,
    Provenance.Beginning beginning,
    TrainingOptions options,
    Team team,
    Path model) {

  /// Checks that the texts are long enough.
  TextRun {
    corpus.training().requireWindow(options.steps());
    corpus.validation().requireWindow(1);
    MemoryLimit.check(memory(corpus, network, options), network, options, batch(corpus, options));
  }

  /// B, fewer than asked for if the text is too short.
  static int batch(Corpus corpus, TrainingOptions options) {
    return TextData.batch(corpus.training().length(), options.steps(), options.batch());
  }

  /// The memory that it takes.
  TrainingMemory memory() {
    return memory(corpus, network, options);
  }

  private static TrainingMemory memory(Corpus corpus, Network network, TrainingOptions options) {
    return TrainingMemory.of(
        network.spec(),
        network.kernels().precision(),
        options,
        batch(corpus, options),
        corpus.validation().length());
  }

  /// Trains, until it is done or the user stops it.
  ///
  /// @return the exit code
  int train(Report report) {
    boolean[] saved = new boolean[1];
    Trainer trainer =
        new Trainer(
            network,
            options,
            team,
            event -> {
              if (event instanceof TrainingEvent.Validated validated && validated.best()) {
                save(validated);
                saved[0] = true;
              }
              report.event(event);
            });
    Runnable stop =
        () -> {
          trainer.stop();
          report.stopping();
        };
    try (report;
        Interrupts interrupts = Interrupts.catching(stop)) {
      report.begin(this);
      int[] validation = corpus.validation().tokens();
      TrainingResult result =
          trainer.run(
              new TextData(corpus.training().tokens(), options.steps(), options.batch()),
              (trained, threads) -> Evaluation.of(trained, validation, threads));
      report.end(this, result);
      return interrupts.exitCode();
    } catch (TrainingException e) {
      String kept = saved[0] ? "the best model so far is in " + model : "no model was saved";
      throw new FailureException(e.getMessage() + "; " + kept, e);
    }
  }

  private void save(TrainingEvent.Validated validated) {
    Evaluation validation = validated.validation();
    List<DataFile> files = files(corpus.training());
    List<DataFile> validationFiles = files(corpus.validation());
    Provenance provenance =
        new Provenance(
            Version.number(),
            beginning,
            options,
            files,
            validationFiles.equals(files) ? List.of() : validationFiles,
            new Provenance.Progress(validated.update(), validated.epoch(), validation.mean()));
    LanguageModel languageModel =
        LanguageModel.of(network, corpus.vocabulary().unit().name(), corpus.vocabulary().tokens());
    ModelFile.save(model, languageModel.withProvenance(provenance));
  }

  private static List<DataFile> files(Text text) {
    return text.sources().stream().map(TextRun::file).toList();
  }

  private static DataFile file(Source source) {
    return new DataFile(source.name(), source.bytes(), source.sha256());
  }
}
