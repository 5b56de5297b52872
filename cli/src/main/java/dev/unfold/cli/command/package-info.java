/// The commands.
package dev.unfold.cli.command;
