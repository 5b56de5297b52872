package dev.unfold.data.text;

import dev.unfold.argument.Refusal;
import dev.unfold.data.source.FileReader;
import dev.unfold.data.source.Heap;
import dev.unfold.data.source.Source;
import dev.unfold.data.source.TokenList;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/// Reads texts before their vocabulary is known.
final class DraftReader {
  private DraftReader() {}

  /// The text `text`, ended by `end`.
  static Draft ofString(Unit unit, String name, String text, Consumer<Cutter> end) {
    Objects.requireNonNull(name, "name: expected what messages call it, got null");
    Objects.requireNonNull(text, "text: expected a text, got null");
    if (unit == Unit.BYTE) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      int[] ids = new int[bytes.length];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = Byte.toUnsignedInt(bytes[i]);
      }
      return new Draft(name, ids, ids.length, Vocabulary.ofBytes().tokens(), List.of());
    }
    Types types = new Types();
    TokenList tokens = new TokenList(name, text.length(), Heap.OF_PROCESS);
    Cutter cutter = Cutter.of(unit, TextForm.STREAM, name, types, tokens);
    cutter.cut(text.toCharArray(), 0, text.length());
    end.accept(cutter);
    return new Draft(name, tokens.ids(), tokens.count(), types.names(), List.of());
  }

  /// The text in `files`.
  static Draft ofFiles(Unit unit, TextForm form, List<Path> files, Heap heap) {
    Objects.requireNonNull(files, "files: expected a list, got null");
    if (files.isEmpty()) {
      throw new Refusal("files", "at least one", "none");
    }
    for (int i = 0; i < files.size(); i++) {
      Objects.requireNonNull(files.get(i), "files[" + i + "]: expected a file, got null");
    }
    String name = files.getFirst() + (files.size() > 1 ? " and others" : "");
    Types types = new Types();
    TokenList tokens = new TokenList(name, totalBytes(files), heap);
    List<Source> sources = new ArrayList<>();
    for (Path file : files) {
      sources.add(new FileReader(file, tokens).read(sink(unit, form, file, types, tokens)));
    }
    List<String> names = unit == Unit.BYTE ? Vocabulary.ofBytes().tokens() : types.names();
    return new Draft(name, tokens.ids(), tokens.count(), names, sources);
  }

  private static FileReader.Sink sink(
      Unit unit, TextForm form, Path file, Types types, TokenList tokens) {
    if (unit == Unit.BYTE) {
      return new ByteSink(tokens, form);
    }
    String name = file.toString();
    return new Utf8(name, Cutter.of(unit, form, name, types, tokens), FileReader.PIECE);
  }

  /// The size of all files; 0 if one has none, as a pipe, or cannot be looked at, which its reader
  /// will tell.
  private static long totalBytes(List<Path> files) {
    long total = 0;
    for (Path file : files) {
      if (!Files.isRegularFile(file)) {
        return 0;
      }
      total += file.toFile().length();
    }
    return total;
  }

  private static final class ByteSink implements FileReader.Sink {
    private final TokenList tokens;
    private final TextForm form;
    private byte last = '\n';

    ByteSink(TokenList tokens, TextForm form) {
      this.tokens = tokens;
      this.form = form;
    }

    @Override
    public void take(byte[] piece, int count) {
      for (int i = 0; i < count; i++) {
        tokens.add(Byte.toUnsignedInt(piece[i]));
      }
      last = count > 0 ? piece[count - 1] : last;
    }

    @Override
    public void end() {
      if (last != '\n' && form == TextForm.LINES) {
        tokens.add('\n');
      }
    }
  }
}
