package dev.unfold.formats.model;

import dev.unfold.argument.Refusal;
import dev.unfold.model.init.Initialization;
import dev.unfold.train.TrainingOptions;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// How a model was trained: what it takes to train it again, and how well it did.
///
/// It says nothing about when, where, or on how many threads, which make no difference to the model.
///
/// @param version the library that trained it
/// @param beginning how its parameters started
/// @param options what the training was told
/// @param training the files it learned from
/// @param validation the files it was validated on; none if that was the last part of the others
/// @param progress how far the training had got
public record Provenance(
    String version,
    Beginning beginning,
    TrainingOptions options,
    List<DataFile> training,
    List<DataFile> validation,
    Progress progress) {

  /// With lists of its own.
  public Provenance {
    Objects.requireNonNull(version, "version: expected that of a library, got null");
    Objects.requireNonNull(beginning, "beginning: expected one, got null");
    Objects.requireNonNull(options, "options: expected those of the training, got null");
    Objects.requireNonNull(training, "training: expected files, got null");
    Objects.requireNonNull(validation, "validation: expected files, got null");
    Objects.requireNonNull(progress, "progress: expected one, got null");
    training = List.copyOf(training);
    validation = List.copyOf(validation);
  }

  /// How the parameters started.
  ///
  /// @param seed of their random numbers, and of all others
  /// @param initialization what was drawn
  /// @param from the file of the model whose parameters they were, if none were drawn
  public record Beginning(long seed, Initialization initialization, Optional<DataFile> from) {
    /// Checks that it is known.
    public Beginning {
      Objects.requireNonNull(initialization, "initialization: expected one, got null");
      Objects.requireNonNull(from, "from: expected Optional.empty() for none, got null");
    }

    /// All were drawn.
    public Beginning(long seed, Initialization initialization) {
      this(seed, initialization, Optional.empty());
    }
  }

  /// A file of data.
  ///
  /// @param name its path, as it was given
  /// @param bytes its length
  /// @param sha256 the SHA-256 digest of its bytes in hexadecimal
  public record DataFile(String name, long bytes, String sha256) {
    /// Checks that it is known.
    public DataFile {
      Objects.requireNonNull(name, "name: expected a path, got null");
      Objects.requireNonNull(sha256, "sha256: expected a digest, got null");
      if (bytes < 0) {
        throw new Refusal("bytes", "0 or more", bytes);
      }
    }
  }

  /// How far the training had got when the model was the best so far.
  ///
  /// @param updates updates of the parameters
  /// @param epochs epochs begun
  /// @param validationNats the average loss on the validation data, as the head measures it: of tokens and classes in
  ///     nats
  public record Progress(long updates, int epochs, double validationNats) {}
}
