/// The documentation as a site: pages from Markdown, from the cells and from the commands, and the check of their links.
package dev.unfold.site;
