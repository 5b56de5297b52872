package dev.unfold.run.session;

import java.util.concurrent.atomic.LongAdder;

/// What was run since a store was made, by whatever versions.
///
/// @param frames that were run
/// @param rows in them
record Counts(LongAdder frames, LongAdder rows) {
  /// None yet.
  Counts() {
    this(new LongAdder(), new LongAdder());
  }
}
