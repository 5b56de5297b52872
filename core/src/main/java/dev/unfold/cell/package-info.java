/// Recurrences as equations: the expression graph of one step, and the standard cells.
package dev.unfold.cell;
