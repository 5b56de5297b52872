/// Dynamic evaluation: a network that goes on learning from the very text that it is evaluated on.
package dev.unfold.train.dynamic;
