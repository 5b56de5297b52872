/// Sequences that get a label, or one at each step: classifiers and taggers, from data to model.
package dev.unfold.run.label;
