/// Engines of back-propagation through time: full, truncated, in a budget of memory; and what they take.
package dev.unfold.gradient;
