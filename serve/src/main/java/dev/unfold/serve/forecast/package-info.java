/// What comes after series, in the contract of KServe.
package dev.unfold.serve.forecast;
