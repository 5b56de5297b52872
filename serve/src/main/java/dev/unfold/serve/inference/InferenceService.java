package dev.unfold.serve.inference;

import dev.unfold.argument.Refusal;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.run.output.Version;
import dev.unfold.run.session.ModelVersion;
import dev.unfold.serve.http.Exchange;
import dev.unfold.serve.http.Problem;
import dev.unfold.serve.http.Route;
import dev.unfold.serve.http.Routes;
import dev.unfold.serve.http.Service;
import dev.unfold.serve.json.JsonBody;
import dev.unfold.serve.model.Derived;
import dev.unfold.serve.model.Models;
import dev.unfold.serve.model.ServedModel;
import io.helidon.http.Status;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/// The Open Inference Protocol over HTTP, version 2, with the sequence extension of Triton.
///
/// A request without `sequence_id` is of B whole sequences, each from where sequences start; one with it goes on with
/// the state of that sequence, which is a session of the model whose name begins with
/// [ServedModel#SEQUENCES].
///
/// **Source**: KServe, Open Inference Protocol, specification/protocol/inference_rest.md
public final class InferenceService implements Service {
  private static final List<String> EXTENSIONS = List.of("sequence", "sequence(string_id)");
  private static final String PLATFORM = "unfold";

  private final Models models;
  private final BooleanSupplier isReady;
  private final Derived<WholeSequences> whole =
      new Derived<>(version -> new WholeSequences(version.network()));

  /// @param isReady whether all models are ready to answer
  public InferenceService(Models models, BooleanSupplier isReady) {
    this.models = models;
    this.isReady = isReady;
  }

  @Override
  public void routes(Routes routes) {
    Routes own = routes.in(Route.Dialect.INFERENCE);
    own.open()
        .get("/v2/health/live", exchange -> exchange.send(Map.of("live", true)))
        .get("/v2/health/ready", this::ready);
    own.get("/v2", this::server);
    for (String model : List.of("/v2/models/{name}", "/v2/models/{name}/versions/{version}")) {
      own.get(model, this::metadata)
          .get(model + "/ready", this::modelReady)
          .post(model + "/infer", this::infer);
    }
  }

  private void ready(Exchange exchange) {
    boolean are = isReady.getAsBoolean();
    exchange
        .status(are ? Status.OK_200 : Status.SERVICE_UNAVAILABLE_503)
        .send(Map.of("ready", are));
  }

  private void server(Exchange exchange) {
    exchange.send(
        JsonBody.members("name", "unfold", "version", Version.number(), "extensions", EXTENSIONS));
  }

  private void metadata(Exchange exchange) {
    ModelVersion version = version(exchange, models.find(exchange.variable("name")));
    Signature signature = Signature.of(version.network());
    exchange.send(
        JsonBody.members(
            "name",
            version.name(),
            "versions",
            List.of(version.version()),
            "platform",
            PLATFORM,
            "inputs",
            signature.inputs().stream().map(TensorSpec::members).toList(),
            "outputs",
            List.of(signature.output().members())));
  }

  private void modelReady(Exchange exchange) {
    ModelVersion version = version(exchange, models.find(exchange.variable("name")));
    boolean is = isReady.getAsBoolean();
    exchange
        .status(is ? Status.OK_200 : Status.SERVICE_UNAVAILABLE_503)
        .send(JsonBody.members("name", version.name(), "ready", is));
  }

  /// The version that is served, which is the one that the path names, if it names one.
  private static ModelVersion version(Exchange exchange, ServedModel model) {
    ModelVersion version = model.version();
    String asked = exchange.maybeVariable("version").orElse(version.version());
    if (!asked.equals(version.version())) {
      throw Problem.of(
              Status.NOT_FOUND_404,
              "no_version",
              "version: expected %s, which is served, got another".formatted(version.version()))
          .exception();
    }
    return version;
  }

  private void infer(Exchange exchange) {
    ServedModel model = models.find(exchange.variable("name"));
    ModelVersion version = version(exchange, model);
    exchange.by(version);
    InferRequest request = InferRequest.of(exchange.json(), version);
    exchange.rows((long) request.batch() * request.steps());
    if (request.sequence().isPresent()) {
      SequenceTurn.Said said = new SequenceTurn(model).run(request);
      answer(exchange, request, version, said.version(), said.outputs());
    } else {
      Matrix outputs =
          whole.of(model, version).run(request.inputs(), request.batch(), request.steps());
      answer(exchange, request, version, version.version(), outputs);
    }
  }

  private static void answer(
      Exchange exchange, InferRequest request, ModelVersion of, String version, Matrix outputs) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("model_name", of.name());
    answer.put("model_version", version);
    request.id().ifPresent(id -> answer.put("id", id));
    answer.put(
        "outputs",
        request.isSaid()
            ? List.of(output(request, Signature.of(of.network()), outputs))
            : List.of());
    exchange.send(answer);
  }

  private static Map<String, Object> output(
      InferRequest request, Signature signature, Matrix outputs) {
    boolean isOfSteps = signature.isOfSteps();
    int steps = isOfSteps ? request.steps() : 1;
    int cols = outputs.cols();
    Object data =
        signature.output().datatype() == Datatype.FP64
            ? doubles(outputs, request.batch(), steps)
            : floats(outputs, request.batch(), steps);
    return JsonBody.members(
        "name",
        signature.output().name(),
        "shape",
        isOfSteps ? List.of(request.batch(), steps, cols) : List.of(request.batch(), cols),
        "datatype",
        signature.output().datatype().name(),
        "data",
        data);
  }

  /// One sequence after the other; what is not finite, which JSON has not, is refused.
  private static float[] floats(Matrix outputs, int batch, int steps) {
    float[] all = new float[outputs.rows() * outputs.cols()];
    double[] doubles = doubles(outputs, batch, steps);
    for (int i = 0; i < all.length; i++) {
      all[i] = (float) doubles[i];
    }
    return all;
  }

  private static double[] doubles(Matrix outputs, int batch, int steps) {
    double[] all = new double[outputs.rows() * outputs.cols()];
    int at = 0;
    for (int b = 0; b < batch; b++) {
      for (int t = 0; t < steps; t++) {
        for (int k = 0; k < outputs.cols(); k++) {
          double value = outputs.get(t * batch + b, k);
          if (!Double.isFinite(value)) {
            throw new Refusal("inputs", "numbers of which the network makes finite ones", "others");
          }
          all[at++] = value;
        }
      }
    }
    return all;
  }
}
