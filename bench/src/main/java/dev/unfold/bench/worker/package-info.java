/// Each library in a process of its own, and how it is told what to do.
package dev.unfold.bench.worker;
