/// Gradients that are there when a step is: the influence of the parameters on the states is carried forward, whole or
/// in part, in the place of errors that go back.
package dev.unfold.online;
