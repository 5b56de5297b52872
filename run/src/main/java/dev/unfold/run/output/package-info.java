/// How runs speak: words and numbers for people, JSON for programs, and where it goes.
package dev.unfold.run.output;
