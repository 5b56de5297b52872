/// PyTorch, through the C++ interface that JavaCPP maps.
package dev.unfold.bench.peer.pytorch;
