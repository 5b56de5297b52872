/// Sequences with labels, from the forms in which people have them.
package dev.unfold.data.label;
