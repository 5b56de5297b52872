/// The standard cells, as equations.
package dev.unfold.cell.library;
