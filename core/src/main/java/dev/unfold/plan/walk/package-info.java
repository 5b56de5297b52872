/// The graphs of a step run as they are, node by node: the step, its adjoint, and the tangents of both.
package dev.unfold.plan.walk;
