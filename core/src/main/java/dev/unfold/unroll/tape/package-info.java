/// What an unrolled network is made of: input, layers, states, readout, and the way back over them.
package dev.unfold.unroll.tape;
