/// The command `unfold serve`: what is served, where, and for how long.
package dev.unfold.serve;
