package dev.unfold.formats.model;

import dev.unfold.argument.Refusal;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.formats.safetensors.Quote;
import dev.unfold.formats.safetensors.SafetensorsReader;
import dev.unfold.formats.safetensors.SafetensorsWriter;
import dev.unfold.formats.safetensors.Tensor;
import dev.unfold.formats.safetensors.WriteException;
import dev.unfold.gradient.Engine;
import dev.unfold.kernels.Kernels;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.train.Progress;
import dev.unfold.train.TrainerState;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.CRC32C;

/// Checkpoints of training runs as safetensors files: the [TrainerState], bit for bit, and what the run was told, so
/// that it goes on only where it came from.
///
/// The tensors are those of a model under `parameters.*`, `best.*`, and what updates keep of each parameter, `slot0.*`,
/// ..., `average.*`, the hidden state under `state.*`, and what an online rule keeps under `influence.*`. The metadata
/// are those of the model with the prefix `run.`, the components of [Progress] with the prefix `count.`, what it was
/// computed with with the prefix `computed.`, and a checksum of all but the time that the run took. Files of before
/// there were the last two lack them, and are taken without.
public final class CheckpointFile {
  private static final String FORMAT = "unfold-checkpoint";
  private static final String RUN = "run.";
  private static final String COUNT = "count.";
  private static final String PARAMETERS = "parameters.";
  private static final String BEST = "best.";
  private static final String STATE = "state.";
  private static final String COMPUTED = "computed.";
  private static final String BACKEND = COMPUTED + "backend";
  private static final String PRECISION = COMPUTED + "precision";
  private static final String CHECKSUM = "checksum";
  private static final String SECONDS = COUNT + "seconds";
  private static final String SLOTS = COUNT + "slots";
  private static final String UPDATES = COUNT + "updates";
  private static final String LAST_UPDATE = COUNT + "last_update";

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
    state.kept().forEach((name, kept) -> tensors.addAll(ModelFile.tensors(name + ".", kept)));
    state
        .state()
        .ifPresent(
            hidden -> tensors.addAll(StateFile.tensors(STATE, run.network().spec(), hidden)));
    Map<String, String> metadata = new TreeMap<>();
    metadata.put(ModelFile.FORMAT, FORMAT);
    metadata.put(ModelFile.FORMAT_VERSION, ModelFile.VERSION);
    described(run).forEach((key, text) -> metadata.put(RUN + key, text));
    state.influence().ifPresent(kept -> InfluenceTensors.write(kept, metadata, tensors));
    metadata.put(SLOTS, Long.toString(slots(state.kept().keySet())));
    RecordMetadata.write(COUNT, state.progress(), metadata);
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
      Set<String> kept = kept(reader);
      metadata.expect(SLOTS, Long.toString(slots(kept)));
      expectAll(path, reader, run.network(), kept);
      Progress progress = progress(path, metadata);
      Map<String, Parameters> read = new LinkedHashMap<>();
      kept.forEach(name -> read.put(name, parameters(name + ".", reader, run.network())));
      Optional<State> state = hidden(path, reader, run.network());
      Optional<Boolean> hasInfluence =
          run.provenance()
              .map(told -> told.options().engine() instanceof Engine.Online && state.isPresent());
      return new TrainerState(
          parameters(PARAMETERS, reader, run.network()),
          parameters(BEST, reader, run.network()),
          read,
          state,
          InfluenceTensors.read(reader, metadata, run.network().kernels().type(), hasInfluence),
          progress);
    }
  }

  /// What updates keep of each parameter, in the file's order: what is before the first point of the names of tensors,
  /// but for what has another meaning.
  private static Set<String> kept(SafetensorsReader reader) {
    Set<String> names = new LinkedHashSet<>();
    for (String name : reader.tensors().keySet()) {
      String prefix = name.substring(0, name.indexOf('.') + 1);
      boolean isKept =
          !List.of(PARAMETERS, BEST, STATE).contains(prefix) && !InfluenceTensors.isPrefix(prefix);
      if (!prefix.isEmpty() && isKept) {
        names.add(prefix.substring(0, prefix.length() - 1));
      }
    }
    return names;
  }

  private static long slots(Set<String> kept) {
    return kept.stream().filter(name -> name.startsWith("slot")).count();
  }

  /// Checks that all parameters are there, and nothing else, before there is memory for any.
  private static void expectAll(
      Path path, SafetensorsReader reader, Network network, Set<String> kept) {
    Set<String> others = new TreeSet<>(reader.tensors().keySet());
    List<String> prefixes = new ArrayList<>(List.of(PARAMETERS, BEST));
    kept.forEach(name -> prefixes.add(name + "."));
    for (String prefix : prefixes) {
      for (Parameters.Tensor tensor : network.parameters().tensors()) {
        String name = prefix + tensor.name();
        reader.expect(name, tensor.shape().stream().map(Integer::longValue).toList());
        others.remove(name);
      }
    }
    State.names(network.spec()).forEach(name -> others.remove(STATE + name));
    InfluenceTensors.pass(reader, others);
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
    // A later version goes on with the runs of an earlier one.
    was.remove(ProvenanceMetadata.VERSION);
    Map<String, String> now = described(run);
    now.remove(ProvenanceMetadata.VERSION);
    expectSame(path.toString(), now, was);
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

  private static Progress progress(Path path, Metadata metadata) {
    try {
      Progress progress = RecordMetadata.read(COUNT, Progress.START, metadata);
      progress.best().ifPresent(best -> metadata.whole(COUNT + "best_count", 1, Long.MAX_VALUE));
      return progress;
    } catch (IllegalArgumentException e) {
      throw new FormatException(path + ": metadata: " + e.getMessage(), e);
    }
  }
}
