/// What models of series, classes and tags say of tables and texts that are sent as they are in files.
package dev.unfold.serve.predict;
