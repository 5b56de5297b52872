/// Text as sequences of tokens.
///
/// [dev.unfold.data.Corpus] reads files for training; [dev.unfold.data.Text] reads others with the
/// [dev.unfold.data.Vocabulary] of a trained network; [dev.unfold.data.Decoder] writes tokens as
/// text again, one at a time.
package dev.unfold.data;
