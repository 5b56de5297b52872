package dev.unfold.run.session;

/// A step whose state is kept: in a slot, or, with files, under a key of its own.
///
/// @param slot -1 with files
/// @param isNew whether nothing had been read
record Mark(long step, int slot, boolean isNew) {}
