/// Spark ML estimators and models of sequences, trained by several executors together.
package dev.unfold.spark;
