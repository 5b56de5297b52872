/// What is derived from a cell: forward and adjoint programs, hoisting, the memory plan.
package dev.unfold.plan;
