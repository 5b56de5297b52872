/// Forecasts of series: what a network reads of a window, how it is trained, what it says, and how good that is.
package dev.unfold.run.series;
