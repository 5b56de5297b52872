/// Tables from files: columns whose types follow from all of their values, read in passes that keep no copy.
package dev.unfold.data.table;
