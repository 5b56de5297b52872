package dev.unfold.spark;

import java.io.Serializable;

/// What comes of a command that a worker ran.
///
/// @param code the exit code
/// @param out what it printed
/// @param err its messages
/// @param model the file; empty if there is none
record CommandOutcome(int code, String out, String err, byte[] model) implements Serializable {}
