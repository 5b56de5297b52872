/// Series of a table on even grids of time: what was when, what is missing, and what is known of the future.
package dev.unfold.data.series;
