/// Learning while a model is served: a copy that learns from what sessions read, its contest with what is served, and
/// weights of its own for a session.
package dev.unfold.run.learn;
