/// Timing a layer: what a step takes, and each phase of it.
package dev.unfold.measure;
