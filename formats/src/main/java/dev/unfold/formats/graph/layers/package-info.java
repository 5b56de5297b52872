/// Networks found in graphs: recurrent layers between an input or an embedding and a linear readout.
package dev.unfold.formats.graph.layers;
