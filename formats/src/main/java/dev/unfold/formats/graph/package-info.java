/// Graphs of operators: models of other programs that are not made of layers, run as their definitions say.
package dev.unfold.formats.graph;
