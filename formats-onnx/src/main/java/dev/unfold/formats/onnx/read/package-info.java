/// ONNX files read: as graphs, and as networks where they are layers.
package dev.unfold.formats.onnx.read;
