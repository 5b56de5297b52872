/// Asks a server as many users would, and counts what comes back and when.
package dev.unfold.measure.load;
