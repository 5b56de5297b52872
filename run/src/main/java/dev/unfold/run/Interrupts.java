package dev.unfold.run;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/// Ctrl-C and its like, while there is something to finish: the first one asks for that, the second one
/// ends the process at once.
///
/// A shutdown hook would serve for the first one only: while hooks run, the JVM ignores further
/// signals. The class that serves for both, `sun.misc.Signal`, has been there on every JVM for decades,
/// but compiling against it is a warning that cannot be suppressed, hence the reflection. On a JVM
/// without it, Ctrl-C ends the process as ever.
public final class Interrupts implements AutoCloseable {
  private static final int SIGNAL_EXIT = 128;

  private final Runnable first;
  private final Map<String, Object> previous = new HashMap<>();
  private volatile int exitCode;

  private Interrupts(Runnable first) {
    this.first = first;
  }

  /// Catches interrupts until closed.
  ///
  /// @param first is run at the first one, on a thread of its own
  public static Interrupts catching(Runnable first) {
    Interrupts interrupts = new Interrupts(first);
    interrupts.install();
    return interrupts;
  }

  /// The same, for somebody else.
  ///
  /// @param request is told of the first one
  public static Interrupts catching(StopRequest request) {
    Interrupts[] own = new Interrupts[1];
    own[0] = new Interrupts(() -> request.ask(own[0].exitCode));
    own[0].install();
    return own[0];
  }

  /// None is caught: in a process that is not the user's own.
  static Interrupts none() {
    return new Interrupts(() -> {});
  }

  /// None is caught, but somebody else may hear of them.
  ///
  /// @param first is run when somebody asks
  static Interrupts of(StopRequest request, Runnable first) {
    Interrupts interrupts = new Interrupts(first);
    request.listen(code -> {
      interrupts.exitCode = code;
      first.run();
    });
    return interrupts;
  }

  /// Ctrl-C in a terminal goes to all processes that were started there. Keeps the first one from ending this one, for
  /// as long as it runs, since another one is to tell it what to do.
  public static void leaveToOthers() {
    new Interrupts(() -> {}).install("INT");
  }

  /// 128 and the signal's number, as shells have it; 0 if there was none.
  public int exitCode() {
    return exitCode;
  }

  private void install() {
    for (String name : new String[] {"INT", "TERM", "HUP"}) {
      install(name);
    }
  }

  private void install(String name) {
    try {
      Consumer<Object> listener = this::interrupted;
      MethodHandle interrupted =
          MethodHandles.lookup()
              .bind(listener, "accept", MethodType.methodType(void.class, Object.class));
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      Object handler = MethodHandleProxies.asInterfaceInstance(handlerType, interrupted);
      previous.put(name, handle(name, handler));
    } catch (ReflectiveOperationException e) {
      System.getLogger(Interrupts.class.getName())
          .log(System.Logger.Level.DEBUG, "signal " + name + " cannot be caught", e);
    }
  }

  private static Object handle(String name, Object handler) throws ReflectiveOperationException {
    Class<?> signalType = Class.forName("sun.misc.Signal");
    Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
    Method handle = signalType.getMethod("handle", signalType, handlerType);
    return handle.invoke(null, signalType.getConstructor(String.class).newInstance(name), handler);
  }

  private void interrupted(Object signal) {
    int code = SIGNAL_EXIT + number(signal);
    if (exitCode != 0) {
      Runtime.getRuntime().halt(code);
    }
    exitCode = code;
    first.run();
  }

  private static int number(Object signal) {
    try {
      return (int) signal.getClass().getMethod("getNumber").invoke(signal);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("signal " + signal, e);
    }
  }

  @Override
  public void close() {
    previous.forEach((name, handler) -> {
      try {
        handle(name, handler);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("signal " + name, e);
      }
    });
  }
}
