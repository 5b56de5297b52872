/// What tangents of a step give, for study: products with the Hessian and the Gauss-Newton matrix, the gradients of
/// single sequences, Jacobians over many steps, Newton's method in time.
package dev.unfold.tangent;
