/// Models of Keras, read and written.
package dev.unfold.formats.keras;
