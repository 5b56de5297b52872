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
import java.util.TreeMap;

/// The sessions of a model in a folder: a journal of their states, and the versions of the model that run them.
final class SessionFiles implements AutoCloseable {
  /// Between a session's name and the step of a mark; no name has it.
  private static final char MARK = '#';

  private final Path versions;
  private final FolderLock lock;
  private final Journal journal;
  private final Map<String, Kept> found = new TreeMap<>();

  /// A session that was found.
  static final class Kept {
    final List<Long> marks = new ArrayList<>();
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
      if (mark >= 0) {
        Long step = Long.valueOf(key.substring(mark + 1));
        kept.marks.remove(step);
        if (value != null) {
          kept.marks.add(step);
        }
      } else {
        kept.record =
            SessionRecord.decode(value)
                .orElseThrow(() ->
                    new SessionException(
                        Reason.STORE,
                        "%s: session %s: expected a record of this kind of machine, got another"
                            .formatted(folder, id)));
      }
    }
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

  /// A version that was kept.
  ///
  /// **Errors**: [SessionException] of reason `STORE` if it is not there.
  ModelVersion version(String name, String version, Kernels kernels) {
    Path file = file(version);
    try {
      return new ModelVersion(name, version, ModelFile.load(file, kernels));
    } catch (FormatException e) {
      throw new SessionException(
          Reason.STORE,
          "store: expected the model that some of its sessions go on with, got " + e.getMessage(),
          e);
    }
  }

  private Path file(String version) {
    return versions.resolve(version + ".safetensors");
  }

  static Change state(Entry entry, String version, long used, long step, byte... state) {
    return Change.put(
        entry.id, SessionRecord.encode(version, entry.opened, used, step, state));
  }

  static Change mark(Entry entry, String version, long step, byte... state) {
    return Change.put(
        entry.id + MARK + step,
        SessionRecord.encode(version, entry.opened, entry.used, step, state));
  }

  static Change removeMark(String id, long step) {
    return Change.remove(id + MARK + step);
  }

  /// That a session is no more.
  static List<Change> remove(Entry entry) {
    List<Change> changes = new ArrayList<>();
    changes.add(Change.remove(entry.id));
    if (entry.marks != null) {
      entry.marks.keySet().forEach(step -> changes.add(removeMark(entry.id, step)));
    }
    return changes;
  }

  /// **Errors**: [SessionException] of reason `STORE`: nothing was written then.
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
    return new SessionException(Reason.STORE, "store: " + e.getMessage(), e);
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
