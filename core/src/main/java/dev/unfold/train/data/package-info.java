/// What a network is trained on, batch by batch.
package dev.unfold.train.data;
