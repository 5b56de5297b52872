package dev.unfold.serve.http;

import dev.unfold.serve.json.Fields;
import dev.unfold.serve.json.JsonBody;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.EOFException;
import java.net.SocketTimeoutException;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// A request and its answer.
///
/// **Threads**: that of the request.
public final class Exchange extends Answered {
  private final ServerRequest request;
  private final ServerResponse response;
  private final Limits limits;
  private final BooleanSupplier isOver;
  private final Patience patience;
  private final Connection connection;
  private Patience.Wait wait;

  /// A part of the body was read, and the rest of it cannot be.
  private boolean isBroken;

  private boolean isLast;

  /// @param connection by which it came
  /// @param isOver whether the server has no more time for it
  Exchange(
      ServerRequest request,
      ServerResponse response,
      Limits limits,
      Patience patience,
      Connection connection,
      BooleanSupplier isOver) {
    this.connection = connection;
    this.isOver = isOver;
    this.request = request;
    this.response = response;
    this.limits = limits;
    this.patience = patience;
  }

  /// What stands in the path in place of `{name}`.
  public String variable(String name) {
    return request.path().pathParameters().get(name);
  }

  /// The same of a path that may lack it.
  public Optional<String> maybeVariable(String name) {
    return request.path().pathParameters().first(name).asOptional();
  }

  /// What stands behind `?` for this name.
  public Optional<String> parameter(String name) {
    return request.query().first(name).asOptional();
  }

  @Override
  public Optional<String> header(HeaderName name) {
    return request.headers().contains(name)
        ? Optional.of(request.headers().get(name).get())
        : Optional.empty();
  }

  /// To be called now and then by what takes long.
  ///
  /// **Errors**: [ProblemException] of status 503 if the server ends and has waited long enough; [ClientLeftException]
  /// if nobody waits for the answer any more.
  public void expectTime() {
    if (isOver.getAsBoolean()) {
      throw Problem.of(
              Status.SERVICE_UNAVAILABLE_503, "ending", "server: expected to go on, it is ending")
          .retry(1)
          .exception();
    }
    if (connection.isGone()) {
      throw new ClientLeftException(new EOFException("closed while it was answered"));
    }
  }

  /// The body of the request.
  ///
  /// **Errors**: [ProblemException] of status 413 if it is longer than the server takes, 408 if it does not come.
  public byte[] body() {
    isBroken = true;
    byte[][] body = new byte[1][];
    if (waiting().during(() -> body[0] = Body.read(request, limits), this::tellTooSlow)) {
      throw new ClientLeftException(tooSlow());
    }
    isBroken = false;
    return body[0];
  }

  /// By another thread, while that of the request waits for what does not come.
  private void tellTooSlow() {
    Problem problem = tooSlow();
    status(problem.status());
    response.headers().set(HeaderValues.CONNECTION_CLOSE);
    response.header(HeaderNames.CONTENT_TYPE, "application/problem+json");
    response.send(ProblemText.of(problem, Route.Dialect.PROBLEM));
  }

  private Problem tooSlow() {
    return Problem.tooSlow("body", "all of it", limits.time());
  }

  private Patience.Wait waiting() {
    if (wait == null) {
      wait = patience.begin();
    }
    return wait;
  }

  /// What comes behind the head is a body or the next request, never one taken for the other. Where a body was read in
  /// part, or its sender waits for leave to send it, the answer is the last of its connection.
  private void beginAnswer() {
    isLast = isUnread() && (isBroken || request.headers().contains(HeaderNames.EXPECT));
    if (isLast) {
      response.headers().set(HeaderValues.CONNECTION_CLOSE);
    }
  }

  private boolean isUnread() {
    return request.content().hasEntity() && !request.content().consumed();
  }

  /// To be called once it was answered: reads a body that nobody asked for.
  void readRest() {
    if (isUnread() && !isLast) {
      try {
        if (waiting().during(() -> Body.read(request, limits), Patience.NO_FAREWELL)) {
          throw new ClientLeftException(tooSlow());
        }
      } catch (ProblemException _) {
        // It has been answered.
        isLast = true;
      }
    }
  }

  /// Whether nothing may be read behind this request.
  boolean isLast() {
    return isLast;
  }

  /// Nothing is read or sent any more.
  void end() {
    if (wait != null) {
      wait.close();
    }
  }

  /// The body of the request, a JSON object; one without members if there is none.
  ///
  /// **Errors**: as [#body]; what is told with status 400 if it is none, 415 if it says that it is something else.
  public Fields json() {
    expectType("application/json");
    return Fields.of(body());
  }

  /// Refuses a body that says that it is of another type. One that says nothing is taken as what it should be.
  ///
  /// **Errors**: [ProblemException] of status 415.
  public void expectType(String expected) {
    ContentType.expect(expected, header(HeaderNames.CONTENT_TYPE));
  }

  /// Whether an answer of this type was asked for by name.
  public boolean wants(String type) {
    return header(HeaderNames.ACCEPT).map(accepted -> accepted.contains(type)).orElse(false);
  }

  /// The status of the answer, unless it is 200.
  public Exchange status(Status status) {
    response.status(status);
    status(status.code());
    return this;
  }

  /// A header of the answer.
  public Exchange header(HeaderName name, String value) {
    response.header(name, value);
    return this;
  }

  /// Answers with a JSON object.
  public void send(Map<String, ?> members) {
    byte[] json = JsonBody.bytes(members);
    sendJson(json, json.length);
  }

  /// Answers with JSON that is there as bytes.
  public void sendJson(byte[] json, int length) {
    response.headers().set(Body.JSON);
    sendBytes(json, length);
  }

  /// Answers with bytes of a type.
  public void send(String type, byte[] content) {
    response.header(HeaderNames.CONTENT_TYPE, type);
    sendBytes(content, content.length);
  }

  /// Answers with nothing but a status.
  public void sendNothing() {
    status(Status.NO_CONTENT_204);
    sendBytes(new byte[0], 0);
  }

  private void sendBytes(byte[] content, int length) {
    beginAnswer();
    sent(length);
    boolean isCut = waiting().during(() -> put(content, length), Patience.NO_FAREWELL);
    if (isCut) {
      throw new ClientLeftException(new SocketTimeoutException("not read"));
    }
  }

  private void put(byte[] content, int length) {
    try {
      response.send(content, 0, length);
    } catch (RuntimeException e) {
      throw ClientLeftException.unlessOurs(e);
    }
  }

  /// Answers with one event after the other.
  public EventStream events() {
    beginAnswer();
    return new EventStream(response, patience, this::sent);
  }

  @Override
  public String method() {
    return request.prologue().method().text();
  }

  boolean isSent() {
    return response.isSent();
  }
}
