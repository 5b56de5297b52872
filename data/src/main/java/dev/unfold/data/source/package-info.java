/// Where data come from, and what is wrong with them.
package dev.unfold.data.source;
