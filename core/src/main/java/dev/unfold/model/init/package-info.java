/// How parameters start.
package dev.unfold.model.init;
