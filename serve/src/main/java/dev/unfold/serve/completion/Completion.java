package dev.unfold.serve.completion;

import dev.unfold.argument.Refusal;
import dev.unfold.data.text.Decoder;
import dev.unfold.data.text.TextForm;
import dev.unfold.data.text.Vocabulary;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.run.task.TextModel;
import java.util.function.Consumer;

/// One text as it is written.
///
/// **Threads**: one at a time.
final class Completion {
  /// As many as a step of a session may read.
  private static final int LONGEST_PROMPT = 1 << 16;

  private final CompletionRequest request;
  private final Vocabulary vocabulary;
  private final boolean isOfLines;
  private final Reader reader;
  private final boolean goesOn;
  private final int[] prompt;
  private int drawn;
  private boolean hasStopped;

  /// @param goesOn whether the reader has read something before
  ///
  /// **Errors**: [Refusal] if there is nothing to go on from.
  Completion(CompletionRequest request, TextModel model, Reader reader, boolean goesOn) {
    this.request = request;
    this.reader = reader;
    this.goesOn = goesOn;
    vocabulary = model.vocabulary();
    isOfLines = model.form() == TextForm.LINES;
    prompt = vocabulary.encode(request.prompt());
    if (goesOn && prompt.length == 0) {
      throw new Refusal(
          "prompt", "a token or more, since a state alone does not tell what comes next", "none");
    }
    if (prompt.length > LONGEST_PROMPT) {
      throw new Refusal(
          "prompt", "at most %,d tokens".formatted(LONGEST_PROMPT), "%,d".formatted(prompt.length));
    }
  }

  /// Writes it.
  ///
  /// @param sink is given each piece that can be told; none is empty
  /// @param each is done before each token is drawn; what it throws ends the text
  void write(Consumer<String> sink, Runnable each) {
    Decoder decoder = new Decoder(vocabulary);
    for (int token : prompt) {
      String piece = decoder.next(token);
      if (request.echo()) {
        tell(piece, sink);
      }
    }
    Matrix net = reader.read(begin());
    TokenDraw draw = new TokenDraw(request.draw(), vocabulary.size(), vocabulary.standIn());
    StopSearch search = new StopSearch(request.stop());
    int end = isOfLines ? vocabulary.endOfLine().orElseThrow() : -1;
    while (drawn < request.tokens() && !hasStopped) {
      each.run();
      int token = draw.next(net);
      drawn++;
      tell(search.next(decoder.next(token)), sink);
      net = reader.readDrawn(token);
      hasStopped = search.isOver() || token == end;
    }
    tell(search.next(decoder.end()) + search.end(), sink);
  }

  private static void tell(String piece, Consumer<String> sink) {
    if (!piece.isEmpty()) {
      sink.accept(piece);
    }
  }

  /// What is read first: the prompt; before it, where each line is a sequence of its own, the end of the last one; and
  /// the start of a line if there is nothing else.
  private int[] begin() {
    if (goesOn || (!isOfLines && prompt.length > 0)) {
      return prompt;
    }
    int[] start = vocabulary.encode("\n");
    boolean isKnown =
        start.length > 0
            && (vocabulary.unknown().isEmpty() || start[0] != vocabulary.unknown().getAsInt());
    int[] all = new int[prompt.length + 1];
    all[0] = isKnown ? start[0] : 0;
    System.arraycopy(prompt, 0, all, 1, prompt.length);
    return all;
  }

  /// How many tokens the prompt has.
  int promptTokens() {
    return prompt.length;
  }

  /// How many were drawn.
  int drawnTokens() {
    return drawn;
  }

  /// Why it ended, in the words of OpenAI: `stop` or `length`.
  String reason() {
    return hasStopped ? "stop" : "length";
  }
}
