/// The command that compares Unfold with other libraries.
package dev.unfold.bench;
