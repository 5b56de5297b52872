/// What is counted of requests and sessions, and what is written down.
package dev.unfold.serve.watch;
