/// The command line: chooses and wires what the libraries offer, and what belongs to a run on the command line alone:
/// reports, run folders and their metrics, benchmarks, pages.
package dev.unfold.cli;
