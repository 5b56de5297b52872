/// What the outputs of a network mean: the targets that they are compared with, and the loss.
package dev.unfold.head;
