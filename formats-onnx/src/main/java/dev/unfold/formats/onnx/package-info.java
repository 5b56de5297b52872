/// ONNX files.
package dev.unfold.formats.onnx;
