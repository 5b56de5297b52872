/// Networks run step by step: state in, outputs and the next state out; sampling.
package dev.unfold.infer;
