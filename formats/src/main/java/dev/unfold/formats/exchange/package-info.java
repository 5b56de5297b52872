/// Models of other programs, read and written.
package dev.unfold.formats.exchange;
