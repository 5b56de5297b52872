package dev.unfold.bench.serve;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.unfold.argument.Refusal;
import dev.unfold.serve.http.Exchange;
import dev.unfold.serve.http.JsonBody;
import dev.unfold.serve.http.JsonWriter;
import dev.unfold.serve.http.Routes;
import dev.unfold.serve.http.Service;
import io.helidon.http.Status;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/// Sessions as somebody would write them around ONNX Runtime, which is stateless: the states of each session are kept
/// by hand, go in with the token and come out with the outputs. Routes and answers are those of Unfold's sessions.
final class OnnxSessions implements Service {
  private static final String NAME = "onnx";
  private static final String NEXT = ".next";
  private static final String PROBABILITIES = "probabilities";

  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession model;
  private final int vocabulary;
  private final String input;
  private final Set<String> outputs = new TreeSet<>();

  /// By the names of the inputs that bring them.
  private final Map<String, Integer> states = new TreeMap<>();

  private final Map<String, Held> sessions = new ConcurrentHashMap<>();
  private final AtomicLong opened = new AtomicLong();

  /// A session.
  private static final class Held {
    final ReentrantLock lock = new ReentrantLock();
    final Map<String, float[]> states = new HashMap<>();
    long step;
  }

  /// @param file that reads a token at a time, with states that come in and go out
  /// @param vocabulary V
  OnnxSessions(String file, int vocabulary) throws OrtException {
    this.vocabulary = vocabulary;
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    options.setIntraOpNumThreads(1);
    options.setInterOpNumThreads(1);
    options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
    model = environment.createSession(file, options);
    String reads = "";
    for (String name : model.getInputNames()) {
      TensorInfo info = (TensorInfo) model.getInputInfo().get(name).getInfo();
      if (model.getOutputNames().contains(name + NEXT)) {
        states.put(name, (int) info.getShape()[1]);
      } else {
        reads = name;
      }
    }
    input = reads;
    outputs.add(PROBABILITIES);
    states.keySet().forEach(name -> outputs.add(name + NEXT));
  }

  @Override
  public void routes(Routes routes) {
    routes
        .get(
            "/v1/models",
            exchange -> exchange.send(JsonBody.members("data", List.of(Map.of("id", NAME)))))
        .get(
            "/v1/models/{name}",
            exchange -> exchange.send(JsonBody.members("id", NAME, "tokens", vocabulary)))
        .post("/v1/sessions", this::open)
        .post("/v1/sessions/{id}/step", this::step);
  }

  private void open(Exchange exchange) {
    Held held = new Held();
    states.forEach((name, width) -> held.states.put(name, new float[width]));
    String id = "s" + opened.incrementAndGet();
    sessions.put(id, held);
    exchange.status(Status.CREATED_201).send(JsonBody.members("id", id));
  }

  private void step(Exchange exchange) {
    Held held = sessions.get(exchange.variable("id"));
    if (held == null) {
      throw new Refusal("session", "one that is open", exchange.variable("id"));
    }
    long token = -1;
    long expected = -1;
    try (JsonParser parser =
        JsonBody.FACTORY.createParser(ObjectReadContext.empty(), exchange.body())) {
      while (parser.nextToken() != null) {
        if (parser.currentToken() == JsonToken.PROPERTY_NAME) {
          boolean isToken = parser.currentName().equals("tokens");
          parser.nextToken();
          if (isToken) {
            parser.nextToken();
            token = parser.getLongValue();
          } else {
            expected = parser.getLongValue();
          }
        }
      }
    }
    if (token < 0 || token >= vocabulary) {
      throw new Refusal("tokens[0]", "0 to V-1=" + (vocabulary - 1), token);
    }
    JsonWriter json;
    held.lock.lock();
    try {
      if (expected >= 0 && expected != held.step) {
        throw new Refusal("expect_step", held.step + "", expected);
      }
      json = answer(held, run(held, token));
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    } finally {
      held.lock.unlock();
    }
    exchange.sendJson(json.bytes(), json.length());
  }

  private float[] run(Held held, long token) throws OrtException {
    Map<String, OnnxTensor> given = new LinkedHashMap<>();
    try {
      given.put(
          input,
          OnnxTensor.createTensor(
              environment, LongBuffer.wrap(new long[] {token}), new long[] {1, 1}));
      for (Map.Entry<String, float[]> state : held.states.entrySet()) {
        given.put(
            state.getKey(),
            OnnxTensor.createTensor(
                environment,
                FloatBuffer.wrap(state.getValue()),
                new long[] {1, state.getValue().length}));
      }
      try (OrtSession.Result result = model.run(given, outputs)) {
        float[] shares = new float[vocabulary];
        for (Map.Entry<String, OnnxValue> each : result) {
          FloatBuffer values = ((OnnxTensor) each.getValue()).getFloatBuffer();
          String name = each.getKey();
          if (name.equals(PROBABILITIES)) {
            values.get(shares);
          } else {
            values.get(held.states.get(name.substring(0, name.length() - NEXT.length())));
          }
        }
        return shares;
      }
    } finally {
      given.values().forEach(OnnxTensor::close);
    }
  }

  private static JsonWriter answer(Held held, float... shares) {
    held.step++;
    JsonWriter json = new JsonWriter(1024);
    json.object().name("version").plain("1").name("step").number(held.step).name("outputs");
    json.array().array();
    for (float share : shares) {
      json.number(share);
    }
    return json.endArray().endArray().endObject();
  }
}
