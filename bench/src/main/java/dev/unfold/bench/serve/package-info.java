/// Another library behind the same server: what serving costs with it.
package dev.unfold.bench.serve;
