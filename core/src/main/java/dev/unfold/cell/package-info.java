/// Recurrences as equations: the expression graph of one step.
package dev.unfold.cell;
