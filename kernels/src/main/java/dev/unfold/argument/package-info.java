/// What people write in commands and options, and how an argument is refused.
package dev.unfold.argument;
