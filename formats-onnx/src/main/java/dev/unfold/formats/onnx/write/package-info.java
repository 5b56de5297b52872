/// Networks written as graphs of ONNX operators.
package dev.unfold.formats.onnx.write;
