/// What a network learns: the data to train and to validate on, and how one speaks of them.
package dev.unfold.run.task;
