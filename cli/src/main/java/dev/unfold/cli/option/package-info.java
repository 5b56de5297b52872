/// Options that several commands have, each defined once.
package dev.unfold.cli.option;
