/// The models that are served, by name.
package dev.unfold.serve.model;
