/// What people write in options, and how an argument is refused.
package dev.unfold.argument;
