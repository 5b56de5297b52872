/// A training run: what is trained on what, in which memory, and who is told.
package dev.unfold.run;
