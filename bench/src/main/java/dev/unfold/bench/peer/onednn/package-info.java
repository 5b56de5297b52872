/// oneDNN's recurrent primitives, through the foreign-function API.
package dev.unfold.bench.peer.onednn;
