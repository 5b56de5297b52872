package dev.unfold.data.sets;

import dev.unfold.argument.Refusal;
import dev.unfold.data.source.DataException;
import dev.unfold.data.source.FileReader;
import dev.unfold.data.source.Heap;
import dev.unfold.data.source.Source;
import dev.unfold.data.source.TokenList;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/// Sequences of sets of small numbers: the keys of a piano that sound, the alarms that are on.
///
/// A file has a sequence a line. Its steps are separated by blanks; a step lists the numbers of its set, from 0 and
/// separated by commas, or is `-` for none. A byte order mark at the start of a file is left out.
///
/// **Memory**: 4 bytes for each number and each step, and twice as much while they are read.
///
/// **Errors**: [DataException] for a file that is missing, a folder, not readable, empty, or not of this form.
///
/// @param name what messages call them
/// @param sequences for each sequence the sets of its steps, each in ascending order
/// @param width one more than the largest number
/// @param sources the files they came from
public record SetSequences(
    String name, List<List<int[]>> sequences, int width, List<Source> sources) {
  /// The largest number that a set may have.
  public static final int LARGEST = 65_535;

  /// Copies the lists.
  public SetSequences {
    Objects.requireNonNull(name, "name: expected what messages call them, got null");
    Objects.requireNonNull(sequences, "sequences: expected a list, got null");
    Objects.requireNonNull(sources, "sources: expected a list, got null");
    sequences = sequences.stream().map(List::copyOf).toList();
    sources = List.copyOf(sources);
  }

  /// Reads files, one after the other.
  public static SetSequences read(List<Path> files) {
    Objects.requireNonNull(files, "files: expected a list, got null");
    if (files.isEmpty()) {
      throw new Refusal("files", "at least one", "none");
    }
    String name = files.getFirst() + (files.size() > 1 ? " and others" : "");
    TokenList numbers = new TokenList(name, 0, Heap.OF_PROCESS);
    List<Source> sources = new ArrayList<>();
    for (Path file : files) {
      sources.add(new FileReader(file, numbers).read(new SetSink(file.toString(), numbers)));
    }
    int[] all = numbers.ids();
    List<List<int[]>> sequences = new ArrayList<>();
    List<int[]> sequence = new ArrayList<>();
    int width = 0;
    int from = 0;
    for (int i = 0; i < numbers.count(); i++) {
      switch (all[i]) {
        case SetSink.END_OF_STEP -> {
          sequence.add(set(all, from, i));
          from = i + 1;
        }
        case SetSink.END_OF_SEQUENCE -> {
          sequences.add(sequence);
          sequence = new ArrayList<>();
          from = i + 1;
        }
        default -> width = Math.max(width, all[i] + 1);
      }
    }
    return new SetSequences(name, sequences, width, sources);
  }

  private static int[] set(int[] all, int from, int until) {
    return Arrays.stream(all, from, until).sorted().distinct().toArray();
  }

  /// How many steps all sequences have.
  public long steps() {
    return sequences.stream().mapToLong(List::size).sum();
  }

  /// How many steps the longest has.
  public int longest() {
    return sequences.stream().mapToInt(List::size).max().orElse(0);
  }

  /// These sequences, if they can be predicted by a network of sets of numbers below `width`.
  ///
  /// **Errors**: [DataException] if there is a larger number, or no sequence has two steps.
  public SetSequences require(int width) {
    if (width < 1) {
      throw new Refusal("width", "1 or more", width);
    }
    if (this.width > width) {
      throw new DataException(
          "%s: expected numbers from 0 to %d, got %d".formatted(name, width - 1, this.width - 1));
    }
    if (longest() < 2) {
      throw new DataException(name + ": expected a sequence of two steps or more, got none");
    }
    return this;
  }
}
