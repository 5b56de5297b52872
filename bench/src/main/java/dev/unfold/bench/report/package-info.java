/// What was measured, as tables and as JSON.
package dev.unfold.bench.report;
