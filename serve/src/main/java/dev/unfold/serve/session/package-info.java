/// Sessions over HTTP and WebSocket: opened, stepped, forked, taken back, kept.
package dev.unfold.serve.session;
