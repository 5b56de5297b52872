/// Training runs from options by name.
package dev.unfold.run.job;
