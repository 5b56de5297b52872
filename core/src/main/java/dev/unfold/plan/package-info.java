/// What is derived from a cell: its step and the adjoint of that, when and where everything is computed.
///
/// Begin with `Passes`: it is the compiler, pass by pass, with the reasons and an example. What comes out is a [Plan].
///
/// # The view
///
/// The public types here are what other packages see, all immutable and none with a builder:
///
/// - [Plan] holds all of them; [Plan#of] makes it;
/// - [ForwardStep] and [AdjointStep]: the values of a step and of its adjoint as a [Graph] of [Node]s, the matrices
///   as [Group]s, states, parameters, sizes. Enough to export a cell, or to derive another way to a gradient;
/// - [Stage] and [Place]: products and pointwise programs in the order in which they run, and where each value lives.
///   Enough to run a cell elsewhere.
package dev.unfold.plan;
