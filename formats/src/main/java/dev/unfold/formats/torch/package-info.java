/// State dicts of PyTorch, read and written.
package dev.unfold.formats.torch;
