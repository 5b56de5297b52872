package dev.unfold.run.journal;

import java.io.IOException;

/// Waits until what was written to a file is on the disk.
@FunctionalInterface
interface Disk {
  /// Waits for all that was written before this call.
  void sync(Segment segment) throws IOException;
}
