/// The commands that measure.
package dev.unfold.cli.bench;
