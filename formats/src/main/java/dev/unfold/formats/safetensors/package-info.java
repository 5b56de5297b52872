/// Safetensors files: written whole or not at all, and read without believing what they say of themselves.
package dev.unfold.formats.safetensors;
