/// What people write in options, and how it is refused.
package dev.unfold.argument;
