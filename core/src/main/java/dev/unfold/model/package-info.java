/// Specification and parameters of a network, and state as a value. Nothing here runs.
package dev.unfold.model;
