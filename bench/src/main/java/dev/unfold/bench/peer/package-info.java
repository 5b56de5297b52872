/// The libraries that are compared, behind one interface.
package dev.unfold.bench.peer;
