package example;

import dev.unfold.cell.library.Cells;
import dev.unfold.data.text.Corpus;
import dev.unfold.data.text.Unit;
import dev.unfold.data.text.Vocabulary;
import dev.unfold.formats.model.LanguageModel;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.infer.Sampler;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.train.Budget;
import dev.unfold.train.Trainer;
import dev.unfold.train.TrainingOptions;
import dev.unfold.train.TrainingResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Learns to write a text, keeps the model in a file, and lets it write: `Learn text model`.
final class Learn {
  private Learn() {}

  public static void main(String[] args) throws IOException {
    Path file = Path.of(args[1]);
    Kernels kernels = Backends.best(Precision.FLOAT);
    IO.println("backend: " + kernels.name());
    IO.println("nats per character: %.2f".formatted(train(args[0], file, kernels)));
    IO.println("it writes: " + write(file, kernels));
  }

  private static double train(String text, Path file, Kernels kernels) throws IOException {
    Corpus corpus = Corpus.of(Unit.CHAR, text, Files.readString(Path.of(text)));
    Vocabulary vocabulary = corpus.vocabulary();
    NetworkSpec spec = NetworkSpec.tokens(Cells.lstm(), vocabulary.size(), 32, 64);
    Network network = Network.create(spec, kernels, 1);
    TrainingOptions options = TrainingOptions.defaults().withBudget(new Budget.Epochs(2));
    Trainer trainer = new Trainer(network, options, Team.of(2), event -> {});
    TrainingResult result =
        trainer.run(corpus.training().tokens(), corpus.validation().tokens());
    ModelFile.save(
        file, LanguageModel.of(network, vocabulary.unit().name(), vocabulary.tokens()));
    return result.validation().mean();
  }

  private static String write(Path file, Kernels kernels) throws IOException {
    LanguageModel model = ModelFile.loadLanguage(file, kernels);
    Vocabulary known = Vocabulary.of(Unit.valueOf(model.unit()), model.vocabulary());
    Sampler sampler = new Sampler(model.network(), 0.8, known.size(), 1);
    known.standIn().ifPresent(sampler::exclude);
    for (int token : known.encode("the ")) {
      sampler.read(token);
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      text.append(known.decode(sampler.next()));
    }
    return text.toString().replace('\n', ' ');
  }
}
