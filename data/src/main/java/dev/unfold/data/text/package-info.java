/// Text as sequences of tokens.
///
/// [dev.unfold.data.text.Corpus] reads files for training; [dev.unfold.data.text.Text] reads others with the
/// [dev.unfold.data.text.Vocabulary] of a trained network; [dev.unfold.data.text.Decoder] writes tokens as
/// text again, one at a time.
package dev.unfold.data.text;
