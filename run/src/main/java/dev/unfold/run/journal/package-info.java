/// Values by key in append-only files that a killed process leaves whole.
package dev.unfold.run.journal;
