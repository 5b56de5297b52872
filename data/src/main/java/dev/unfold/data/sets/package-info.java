/// Sequences of sets of numbers.
package dev.unfold.data.sets;
