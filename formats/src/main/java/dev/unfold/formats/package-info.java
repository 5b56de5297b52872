/// Model files, readable without Unfold.
package dev.unfold.formats;
