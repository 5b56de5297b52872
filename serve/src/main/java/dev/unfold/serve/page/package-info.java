/// What the server shows to people: its page, and the description of its API.
package dev.unfold.serve.page;
