/// ONNX Runtime.
package dev.unfold.bench.peer.onnx;
