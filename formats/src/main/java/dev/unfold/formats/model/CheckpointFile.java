package dev.unfold.formats.model;

import dev.unfold.argument.Refusal;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.formats.safetensors.Quote;
import dev.unfold.formats.safetensors.SafetensorsReader;
import dev.unfold.formats.safetensors.SafetensorsWriter;
import dev.unfold.formats.safetensors.Tensor;
import dev.unfold.formats.safetensors.WriteException;
import dev.unfold.kernels.Kernels;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.train.Evaluation;
import dev.unfold.train.TrainerState;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;

/// Checkpoints of training runs as safetensors files: the [TrainerState], bit for bit, and what the run was told, so
/// that it goes on only where it came from.
///
/// The tensors are those of a model under `parameters.*`, `best.*`, `slot0.*`, ..., `average.*`, and the hidden state
/// under `state.*`. The metadata are those of the model with the prefix `run.`, the counts with the prefix `count.`,
/// what it was computed with with the prefix `computed.`, and a checksum of all but the time that the run took. Files
/// of before there were the last two lack them, and are taken without.
public final class CheckpointFile {
  private static final String FORMAT = "unfold-checkpoint";
  private static final String RUN = "run.";
  private static final String COUNT = "count.";
  private static final String PARAMETERS = "parameters.";
  private static final String BEST = "best.";
  private static final String AVERAGE = "average.";
  private static final String STATE = "state.";
  private static final String COMPUTED = "computed.";
  private static final String BACKEND = COMPUTED + "backend";
  private static final String PRECISION = COMPUTED + "precision";
  private static final String CHECKSUM = "checksum";
  private static final String SECONDS = COUNT + "seconds";
  private static final String UPDATES = COUNT + "updates";
  private static final String LAST_UPDATE = COUNT + "last_update";
  private static final int MOST_VALIDATIONS = 10_000_000;

  private CheckpointFile() {}

  /// Writes where a run is: whole or not at all.
  ///
  /// @param run the network with what its training was told; its progress does not count
  ///
  /// **Errors**: [WriteException] if the file cannot be written.
  public static void save(Path path, Model run, TrainerState state) {
    Objects.requireNonNull(path, "path: expected a file, got null");
    Objects.requireNonNull(run, "run: expected a model, got null");
    Objects.requireNonNull(state, "state: expected one, got null");
    List<Tensor> tensors = new ArrayList<>();
    tensors.addAll(ModelFile.tensors(PARAMETERS, state.parameters()));
    tensors.addAll(ModelFile.tensors(BEST, state.best()));
    for (int i = 0; i < state.slots().size(); i++) {
      tensors.addAll(ModelFile.tensors(slot(i), state.slots().get(i)));
    }
    state.average().ifPresent(average -> tensors.addAll(ModelFile.tensors(AVERAGE, average)));
    state
        .state()
        .ifPresent(
            hidden -> tensors.addAll(StateFile.tensors(STATE, run.network().spec(), hidden)));
    Map<String, String> metadata = new TreeMap<>();
    metadata.put(ModelFile.FORMAT, FORMAT);
    metadata.put(ModelFile.FORMAT_VERSION, ModelFile.VERSION);
    described(run).forEach((key, text) -> metadata.put(RUN + key, text));
    metadata.put(COUNT + "slots", Integer.toString(state.slots().size()));
    counts(state, metadata);
    computed(run, metadata);
    CRC32C numbers = new CRC32C();
    SafetensorsWriter.update(numbers, tensors);
    metadata.put(CHECKSUM, checksum(numbers, metadata));
    SafetensorsWriter.write(path, metadata, tensors);
  }

  private static void computed(Model run, Map<String, String> metadata) {
    Kernels kernels = run.network().kernels();
    metadata.put(BACKEND, kernels.name());
    metadata.put(PRECISION, kernels.precision().name().toLowerCase(Locale.ROOT));
  }

  /// CRC-32C of the numbers, then of the metadata but for times.
  private static String checksum(CRC32C numbers, Map<String, String> metadata) {
    new TreeMap<>(metadata)
        .forEach((key, text) -> {
          if (!key.equals(CHECKSUM) && !key.equals(SECONDS)) {
            numbers.update((key + "=" + text + "\n").getBytes(StandardCharsets.UTF_8));
          }
        });
    return HexFormat.of().toHexDigits((int) numbers.getValue());
  }

  private static void expectWhole(Path path, SafetensorsReader reader) {
    String expected = reader.metadata().get(CHECKSUM);
    if (expected == null) {
      return;
    }
    CRC32C numbers = new CRC32C();
    reader.update(numbers);
    String got = checksum(numbers, reader.metadata());
    if (!got.equals(expected)) {
      throw new FormatException(
          "%s: expected the checksum %s, got %s: the file is spoilt"
              .formatted(path, Quote.plain(expected), got));
    }
  }

  private static void counts(TrainerState state, Map<String, String> metadata) {
    TrainerState.Counts counts = state.counts();
    metadata.put(COUNT + "place", Long.toString(counts.place()));
    metadata.put(COUNT + "window", Integer.toString(counts.window()));
    metadata.put(UPDATES, Long.toString(counts.updates()));
    metadata.put(COUNT + "averaged", Long.toString(counts.averaged()));
    metadata.put(COUNT + "best_update", Long.toString(counts.bestUpdate()));
    metadata.put(COUNT + "best_epoch", Integer.toString(counts.bestEpoch()));
    counts
        .best()
        .ifPresent(best -> {
          metadata.put(COUNT + "best_sum", Double.toString(best.sum()));
          metadata.put(COUNT + "best_count", Long.toString(best.count()));
        });
    metadata.put(COUNT + "last", Double.toString(counts.last()));
    metadata.put(LAST_UPDATE, Long.toString(counts.lastUpdate()));
    metadata.put(COUNT + "stalls", Integer.toString(counts.stalls()));
    metadata.put(COUNT + "since_best", Integer.toString(counts.sinceBest()));
    metadata.put(COUNT + "loss_sum", Double.toString(counts.lossSum()));
    metadata.put(COUNT + "loss_count", Long.toString(counts.lossCount()));
    metadata.put(SECONDS, Double.toString(counts.seconds()));
    metadata.put(
        COUNT + "validations",
        state.validations().stream().map(Object::toString).collect(Collectors.joining(" ")));
  }

  /// What a run was told, as texts by name; all of it but the vocabulary, which follows from the data.
  public static SortedMap<String, String> told(Model run) {
    SortedMap<String, String> told = new TreeMap<>(described(run));
    told.remove(ModelFile.VOCABULARY);
    return told;
  }

  /// What a run was told. How far it got is not part of it.
  private static Map<String, String> described(Model run) {
    Map<String, String> all = ModelFile.metadata(run);
    ProvenanceMetadata.PROGRESS.forEach(all::remove);
    return all;
  }

  /// Reads where a run was.
  ///
  /// @param run the network with what its training is told now
  ///
  /// **Errors**: [FormatException] for a file that is missing, not readable, spoilt, or no checkpoint;
  /// [IllegalArgumentException] for one of a run that was told something else, which it names.
  public static TrainerState load(Path path, Model run) {
    Objects.requireNonNull(path, "path: expected a file, got null");
    Objects.requireNonNull(run, "run: expected a model, got null");
    try (SafetensorsReader reader = SafetensorsReader.open(path)) {
      Metadata metadata = new Metadata(path.toString(), reader.metadata());
      metadata.expect(ModelFile.FORMAT, FORMAT);
      metadata.expect(ModelFile.FORMAT_VERSION, ModelFile.VERSION);
      expectWhole(path, reader);
      expectSame(path, run, reader.metadata());
      long slots = metadata.whole(COUNT + "slots", 0, 8);
      List<String> names = List.copyOf(reader.tensors().keySet());
      boolean averaged = names.stream().anyMatch(name -> name.startsWith(AVERAGE));
      List<String> prefixes = new ArrayList<>(List.of(PARAMETERS, BEST));
      for (int i = 0; i < slots; i++) {
        prefixes.add(slot(i));
      }
      if (averaged) {
        prefixes.add(AVERAGE);
      }
      expectAll(path, reader, run.network(), prefixes);
      TrainerState.Counts counts = counts(metadata);
      List<Double> validations =
          metadata.parse(COUNT + "validations", "numbers", CheckpointFile::numbers);
      List<Parameters> read = new ArrayList<>();
      for (String prefix : prefixes) {
        read.add(parameters(prefix, reader, run.network()));
      }
      return new TrainerState(
          read.get(0),
          read.get(1),
          read.subList(2, 2 + (int) slots),
          averaged ? Optional.of(read.getLast()) : Optional.empty(),
          hidden(path, reader, run.network()),
          counts,
          validations);
    }
  }

  private static String slot(int i) {
    return "slot" + i + ".";
  }

  /// Checks that all parameters are there, and nothing else, before there is memory for any.
  private static void expectAll(
      Path path, SafetensorsReader reader, Network network, List<String> prefixes) {
    Set<String> others = new TreeSet<>(reader.tensors().keySet());
    for (String prefix : prefixes) {
      for (Parameters.Tensor tensor : network.parameters().tensors()) {
        String name = prefix + tensor.name();
        reader.expect(name, tensor.shape().stream().map(Integer::longValue).toList());
        others.remove(name);
      }
    }
    State.names(network.spec()).forEach(name -> others.remove(STATE + name));
    if (!others.isEmpty()) {
      throw new FormatException(
          "%s: expected %d tensors, got another one, %s"
              .formatted(
                  path,
                  reader.tensors().size() - others.size(),
                  Quote.of(others.iterator().next())));
    }
  }

  private static Optional<State> hidden(Path path, SafetensorsReader reader, Network network) {
    if (reader.tensors().keySet().stream().noneMatch(name -> name.startsWith(STATE))) {
      return Optional.empty();
    }
    return Optional.of(
        StateFile.read(STATE, path, reader, network.spec(), network.kernels().precision()));
  }

  private static void expectSame(Path path, Model run, Map<String, String> metadata) {
    Map<String, String> was = new TreeMap<>();
    metadata.forEach((key, text) -> {
      if (key.startsWith(RUN)) {
        was.put(key.substring(RUN.length()), text);
      }
    });
    expectSame(path.toString(), described(run), was);
    Map<String, String> computed = new TreeMap<>();
    computed(run, computed);
    computed.forEach((key, text) -> {
      String before = metadata.getOrDefault(key, text);
      if (!text.equals(before)) {
        throw new Refusal(
            key.substring(COMPUTED.length()),
            "%s, which the run was begun with".formatted(Quote.plain(before)),
            text);
      }
    });
  }

  /// Checks that a run is told what it was told.
  ///
  /// @param file that says what it was
  ///
  /// **Errors**: [IllegalArgumentException] that names what differs.
  public static void expectSame(String file, Map<String, String> now, Map<String, String> was) {
    now.forEach((key, text) -> {
      if (!text.equals(was.get(key))) {
        throw different(file, key, was.get(key), text);
      }
    });
    was.forEach((key, text) -> {
      if (!now.containsKey(key)) {
        throw different(file, key, text, null);
      }
    });
  }

  private static Refusal different(String file, String key, String was, String now) {
    return new Refusal(
        file, "to go on with %s as it was, %s".formatted(Quote.of(key), shown(was)), shown(now));
  }

  private static String shown(String text) {
    return text == null ? "nothing" : Quote.of(text);
  }

  /// Whether a checkpoint was written right after a validation.
  ///
  /// **Errors**: [FormatException] for a file that is missing, not readable, or no checkpoint.
  public static boolean isAfterValidation(Path path) {
    try (SafetensorsReader reader = SafetensorsReader.open(path)) {
      Metadata metadata = new Metadata(path.toString(), reader.metadata());
      metadata.expect(ModelFile.FORMAT, FORMAT);
      return metadata.whole(LAST_UPDATE, -1, Long.MAX_VALUE)
          == metadata.whole(UPDATES, 0, Long.MAX_VALUE);
    }
  }

  private static Parameters parameters(String prefix, SafetensorsReader reader, Network network) {
    Parameters parameters = network.parameters().zeros();
    for (Parameters.Tensor tensor : parameters.tensors()) {
      reader.readFinite(prefix + tensor.name(), parameters.buffer(), tensor.offset());
    }
    return parameters;
  }

  private static TrainerState.Counts counts(Metadata metadata) {
    Optional<Evaluation> best =
        metadata.has(COUNT + "best_sum")
            ? Optional.of(
                new Evaluation(
                    metadata.number(COUNT + "best_sum"),
                    metadata.whole(COUNT + "best_count", 1, Long.MAX_VALUE)))
            : Optional.empty();
    return new TrainerState.Counts(
        whole(metadata, "place"),
        (int) metadata.whole(COUNT + "window", 0, Integer.MAX_VALUE),
        metadata.whole(UPDATES, 0, Long.MAX_VALUE),
        whole(metadata, "averaged"),
        whole(metadata, "best_update"),
        (int) metadata.whole(COUNT + "best_epoch", 0, Integer.MAX_VALUE),
        best,
        metadata.number(COUNT + "last"),
        metadata.whole(LAST_UPDATE, -1, Long.MAX_VALUE),
        (int) metadata.whole(COUNT + "stalls", 0, Integer.MAX_VALUE),
        (int) metadata.whole(COUNT + "since_best", 0, Integer.MAX_VALUE),
        metadata.number(COUNT + "loss_sum"),
        whole(metadata, "loss_count"),
        metadata.number(SECONDS));
  }

  private static long whole(Metadata metadata, String name) {
    return metadata.whole(COUNT + name, 0, Long.MAX_VALUE);
  }

  private static List<Double> numbers(String text) {
    if (text.isEmpty()) {
      return List.of();
    }
    String[] parts = text.split(" ", MOST_VALIDATIONS);
    return Arrays.stream(parts).map(Double::valueOf).toList();
  }
}
