/// Networks: encoder, recurrent layers, readout, loss; parameters by name; state as a value.
package dev.unfold.net;
