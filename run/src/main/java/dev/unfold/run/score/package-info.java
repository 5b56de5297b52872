/// How good predictions are: scores with their definitions, each undefined case counted and told.
package dev.unfold.run.score;
