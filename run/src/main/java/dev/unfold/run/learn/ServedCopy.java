package dev.unfold.run.learn;

import dev.unfold.run.session.ModelVersion;

/// A version that is, or was, served, and what reads segments with it.
///
/// @param version of the model
/// @param reader that runs it
record ServedCopy(ModelVersion version, SegmentReader reader) {}
