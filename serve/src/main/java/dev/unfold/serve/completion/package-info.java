/// Text as models of text go on with it, asked for as OpenAI's clients ask.
package dev.unfold.serve.completion;
