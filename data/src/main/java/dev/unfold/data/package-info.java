/// Data as sequences: texts as tokens, and sets of small numbers ([dev.unfold.data.SetSequences]).
///
/// [dev.unfold.data.Corpus] reads files for training; [dev.unfold.data.Text] reads others with the
/// [dev.unfold.data.Vocabulary] of a trained network; [dev.unfold.data.Decoder] writes tokens as
/// text again, one at a time. [dev.unfold.data.LagInformation] tells how far back a text has something to tell.
package dev.unfold.data;
