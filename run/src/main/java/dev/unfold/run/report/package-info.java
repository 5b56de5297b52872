/// Pages that tell how good a model is, each a file for a browser that needs nothing else.
package dev.unfold.run.report;
