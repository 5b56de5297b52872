/// What requests say in JSON, taken out of it member by member.
package dev.unfold.serve.json;
