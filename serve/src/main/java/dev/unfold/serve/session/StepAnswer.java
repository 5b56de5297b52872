package dev.unfold.serve.session;

import dev.unfold.head.Head;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.run.session.Answer;
import dev.unfold.serve.http.JsonWriter;
import dev.unfold.serve.session.StepRequest.Outputs;

/// What a model said of rows, as JSON:
///
///     {"version": "d9dcc3d1556a6595", "step": 13, "outputs": [[0.25, 0.75], ...], "logits": [[...], ...]}
///
/// `outputs` are what the head makes of net_y: probabilities, values, means. Numbers are those of 32 bits.
final class StepAnswer {
  /// Bytes that a number takes, with its comma.
  private static final int BYTES = 14;

  private static final int REST = 96;

  private StepAnswer() {}

  static JsonWriter json(Head head, Answer answer, StepRequest request) {
    Matrix net = answer.outputs();
    Outputs which = request.outputs();
    int rows = which == Outputs.ALL ? net.rows() : which == Outputs.LAST ? 1 : 0;
    long size = REST + (long) rows * net.cols() * BYTES * (request.hasLogits() ? 2 : 1);
    JsonWriter json = new JsonWriter((int) Math.min(size, 1 << 20));
    json.object().name("version").plain(answer.version()).name("step").number(answer.step());
    if (rows > 0) {
      json.name("outputs").array();
      for (int row = net.rows() - rows; row < net.rows(); row++) {
        numbers(head.prediction(net, row), json);
      }
      json.endArray();
      if (request.hasLogits()) {
        json.name("logits").array();
        for (int row = net.rows() - rows; row < net.rows(); row++) {
          numbers(net.row(row), json);
        }
        json.endArray();
      }
    }
    return json.endObject();
  }

  private static void numbers(double[] numbers, JsonWriter json) {
    json.array();
    for (double number : numbers) {
      json.number((float) number);
    }
    json.endArray();
  }
}
