/// The command line: chooses and wires what the libraries offer.
package dev.unfold.cli;
