/// How much time several processes take to train one network together.
package dev.unfold.bench.ring;
