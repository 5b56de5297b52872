/// Requests and answers: routes, bodies, problems, what is counted and written down of each.
package dev.unfold.serve.http;
