/// What was measured of the error flow of a model, what follows from it, and how it is shown.
package dev.unfold.run.inspect;
