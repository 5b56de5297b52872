/// The folder of a run: checkpoints, options, metrics, and looks at the error flow.
package dev.unfold.run.folder;
