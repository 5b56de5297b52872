/// Generated data that tell whether a network learns what lies far back: their difficulty is known exactly.
package dev.unfold.run.generated;
