/// Models, states and checkpoints as files.
package dev.unfold.formats.model;
