package dev.unfold.run.session;

import dev.unfold.kernels.Kernels;
import dev.unfold.run.session.SessionException.Reason;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Takes up the sessions that were in a folder, each with a version of the model that its state is one of.
final class Restoration {
  private final SessionFiles files;
  private final Runnings runnings;
  private final Running newest;
  private final Map<Integer, Running> byShape = new TreeMap<>();

  /// @param newest what a session runs whose state is like its states
  Restoration(SessionFiles files, Runnings runnings, Running newest) {
    this.files = files;
    this.runnings = runnings;
    this.newest = newest;
    byShape.put(newest.layout().shape(), newest);
  }

  /// Those that were found, in the order in which they were used.
  ///
  /// **Errors**: [SessionException] of reason `STORE` for one whose model is not there.
  List<Entry> entries() {
    return files.takeFound().entrySet().stream()
        .map(each -> entry(each.getKey(), each.getValue()))
        .sorted(Comparator.comparingLong(entry -> entry.used))
        .toList();
  }

  private Entry entry(String id, SessionFiles.Kept kept) {
    SessionRecord record = kept.record;
    Running running = running(record);
    if (record.stateBytes() != running.layout().bytes()) {
      throw new SessionException(
          Reason.STORE,
          "store: session %s: expected a state of %d bytes, got %d"
              .formatted(id, running.layout().bytes(), record.stateBytes()));
    }
    Entry entry = new Entry(id, running, record.opened());
    entry.step = record.step();
    entry.isNew = record.isNew();
    entry.hasLostOwn = record.isOwn();
    entry.used = record.used();
    kept.marks.forEach((step, mark) -> {
      if (mark.shape() == record.shape()) {
        Marks.add(entry, new Mark(step, Entry.NONE, mark.isNew()));
      }
    });
    return entry;
  }

  private Running running(SessionRecord record) {
    String model = newest.version().name();
    Kernels kernels = newest.version().network().kernels();
    return byShape.computeIfAbsent(
        record.shape(),
        shape -> runnings.ofMany(files.version(model, record.version(), shape, kernels)));
  }
}
