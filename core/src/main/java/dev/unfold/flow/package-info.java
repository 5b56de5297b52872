/// The error flow: how far errors travel back, where they vanish or explode, what truncation costs.
package dev.unfold.flow;
