/// The same numbers for all, and whether all find the same.
package dev.unfold.bench.problem;
