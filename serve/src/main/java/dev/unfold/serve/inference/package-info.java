/// The Open Inference Protocol: tensors in, tensors out, and sequences whose state the server keeps.
package dev.unfold.serve.inference;
