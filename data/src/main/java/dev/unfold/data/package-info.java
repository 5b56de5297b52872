/// Text as sequences of tokens, and sequences of sets of numbers.
///
/// [dev.unfold.data.Corpus] reads files for training; [dev.unfold.data.Text] reads others with the
/// [dev.unfold.data.Vocabulary] of a trained network; [dev.unfold.data.Decoder] writes tokens as
/// text again, one at a time. [dev.unfold.data.SetSequences] reads sequences of sets, and
/// [dev.unfold.data.LagInformation] measures what tokens tell about later ones.
package dev.unfold.data;
