package dev.unfold.run.session;

import dev.unfold.argument.Refusal;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.kernels.Kernels;
import dev.unfold.run.folder.FolderLock;
import dev.unfold.run.journal.Change;
import dev.unfold.run.journal.Journal;
import dev.unfold.run.journal.JournalException;
import dev.unfold.run.session.SessionException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The sessions of a model in a folder: a journal of their states, and the versions of the model that run them.
final class SessionFiles implements AutoCloseable {
  /// Between a session's name and the step of a mark; no name has it.
  private static final char MARK = '#';

  private static final String ENDING = ".safetensors";

  private final Path versions;
  private final FolderLock lock;
  private final Journal journal;
  private final Map<String, Kept> found = new TreeMap<>();

  /// A session that was found.
  static final class Kept {
    final Map<Long, SessionRecord> marks = new TreeMap<>();
    SessionRecord record;
  }

  private SessionFiles(Path folder, FolderLock lock) throws IOException {
    this.lock = lock;
    versions = Files.createDirectories(folder.resolve("versions"));
    journal = Journal.open(folder, (key, value) -> change(folder, key, value.orElse(null)));
  }

  /// Opens a folder, which is made if it is not there.
  ///
  /// **Errors**: [Refusal] if another store uses it; [SessionException] of reason `STORE` if it cannot be used.
  static SessionFiles open(Path folder) {
    FolderLock lock = null;
    boolean isOpen = false;
    try {
      Files.createDirectories(folder);
      lock = FolderLock.of("store", folder);
      SessionFiles files = new SessionFiles(folder, lock);
      isOpen = true;
      return files;
    } catch (IOException e) {
      throw new SessionException(
          Reason.STORE, "store: expected a folder that can be written to, got " + e, e);
    } catch (JournalException e) {
      throw failure(e);
    } finally {
      if (!isOpen && lock != null) {
        lock.close();
      }
    }
  }

  private void change(Path folder, String key, ByteBuffer value) {
    int mark = key.indexOf(MARK);
    String id = mark < 0 ? key : key.substring(0, mark);
    if (value == null && mark < 0) {
      found.remove(id);
    } else {
      Kept kept = found.computeIfAbsent(id, _ -> new Kept());
      SessionRecord record = value == null ? null : expectRecord(folder, id, value);
      if (mark < 0) {
        kept.record = record;
      } else if (record == null) {
        kept.marks.remove(Long.valueOf(key.substring(mark + 1)));
      } else {
        kept.marks.put(Long.valueOf(key.substring(mark + 1)), record);
      }
    }
  }

  private static SessionRecord expectRecord(Path folder, String id, ByteBuffer value) {
    return SessionRecord.decode(value)
        .orElseThrow(() ->
            new SessionException(
                Reason.STORE,
                "%s: session %s: expected a record of this kind of machine, got another"
                    .formatted(folder, id)));
  }

  /// The sessions that were there when it was opened. Forgotten afterwards.
  Map<String, Kept> takeFound() {
    Map<String, Kept> all = new TreeMap<>(found);
    all.values().removeIf(kept -> kept.record == null);
    found.clear();
    return all;
  }

  /// Keeps a version of the model, so that sessions can go on with it later.
  void keep(ModelVersion version) {
    Path file = file(version.version());
    if (!Files.exists(file)) {
      ModelFile.save(file, version.model());
    }
  }

  /// A version whose states have a shape: that of a name if it is there, or else another that was kept.
  ///
  /// **Errors**: [SessionException] of reason `STORE` if there is none.
  ModelVersion version(String model, String version, int shape, Kernels kernels) {
    List<String> names = new ArrayList<>(List.of(version));
    kept().stream().filter(name -> !name.equals(version)).forEach(names::add);
    String problem = "none";
    for (String name : names) {
      try {
        ModelVersion found = new ModelVersion(model, name, ModelFile.load(file(name), kernels));
        if (new StateLayout(found.network()).shape() == shape) {
          return found;
        }
      } catch (FormatException e) {
        problem = e.getMessage();
      }
    }
    throw new SessionException(
        Reason.STORE,
        "store: expected the model that some of its sessions go on with, version %s, got %s"
            .formatted(version, problem));
  }

  /// Forgets all versions but these.
  void keepOnly(Set<String> needed) {
    for (String name : kept()) {
      if (!needed.contains(name)) {
        try {
          Files.deleteIfExists(file(name));
        } catch (IOException e) {
          System.getLogger(SessionFiles.class.getName())
              .log(System.Logger.Level.DEBUG, "a version could not be deleted", e);
        }
      }
    }
  }

  private List<String> kept() {
    try (Stream<Path> files = Files.list(versions)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(ENDING) && !name.startsWith("."))
          .map(name -> name.substring(0, name.length() - ENDING.length()))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new SessionException(
          Reason.STORE, "store: expected a folder that can be read, got " + e, e);
    }
  }

  private Path file(String version) {
    return versions.resolve(version + ENDING);
  }

  static Change state(Entry entry, long used, long step, boolean isNew, byte... state) {
    return Change.put(entry.id, SessionRecord.encode(entry, used, step, isNew, state));
  }

  static Change mark(Entry entry, byte... state) {
    return Change.put(
        entry.id + MARK + entry.step,
        SessionRecord.encode(entry, entry.used, entry.step, entry.isNew, state));
  }

  static Change removeMark(String id, long step) {
    return Change.remove(id + MARK + step);
  }

  /// That a session is no more. Its marks go first: of a torn write none is left for another session of that name.
  static List<Change> remove(Entry entry) {
    List<Change> changes = new ArrayList<>();
    Marks.steps(entry).forEach(step -> changes.add(removeMark(entry.id, step)));
    changes.add(Change.remove(entry.id));
    return changes;
  }

  /// **Errors**: [SessionException] of reason `STORE`, or `CLOSED` after [#close]: nothing was written then.
  void write(List<Change> changes) {
    try {
      journal.write(changes);
    } catch (JournalException e) {
      throw failure(e);
    }
  }

  /// The state of a session after its last step.
  byte[] state(String id) {
    return read(id);
  }

  /// That of a mark.
  byte[] markedState(String id, long step) {
    return read(id + MARK + step);
  }

  private byte[] read(String key) {
    try {
      byte[] record =
          journal
              .read(key)
              .orElseThrow(() ->
                  new SessionException(Reason.STORE, "store: expected " + key + ", got nothing"));
      return SessionRecord.decode(ByteBuffer.wrap(record)).orElseThrow().state(record);
    } catch (JournalException e) {
      throw failure(e);
    }
  }

  private static SessionException failure(JournalException e) {
    Reason reason = e.isOfClosed() ? Reason.CLOSED : Reason.STORE;
    return new SessionException(reason, "store: " + e.getMessage(), e);
  }

  long bytes() {
    return journal.bytes();
  }

  @Override
  public void close() {
    try {
      journal.close();
    } catch (JournalException e) {
      throw failure(e);
    } finally {
      lock.close();
    }
  }
}
