package dev.unfold.run.learn;

import dev.unfold.argument.Expect;
import dev.unfold.run.output.Json;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// That something else is served, or learns, from now on, and why.
///
/// @param kind what happened
/// @param number of the file that says so; 0 if there is none
/// @param version what is served now
/// @param before what was served before
/// @param file the model's, of a promotion
/// @param steps labelled steps so far
/// @param updates changes of the parameters that learn, since they began anew
/// @param loss over the window, of what is served now, or of what was given up
/// @param lossBefore over the same steps, of what was served before, or is served
/// @param error the standard error of their difference
/// @param window how many steps that were
/// @param at when
public record Decision(
    Kind kind,
    int number,
    String version,
    String before,
    Optional<Path> file,
    long steps,
    long updates,
    double loss,
    double lossBefore,
    double error,
    long window,
    Instant at) {
  /// What happened.
  public enum Kind {
    /// The copy that learned was better and is served.
    PROMOTION,
    /// What was served before was better and is served again.
    ROLLBACK,
    /// The copy that learned became far worse, or was no longer finite, and begins anew from what is served.
    RESTART,
    /// Somebody else put another model in its place, from which learning begins anew.
    REPLACEMENT
  }

  /// Checks that there is all.
  public Decision {
    Expect.given("kind", kind);
    Expect.given("version", version);
    Expect.given("before", before);
    Expect.given("file", file);
    Expect.given("at", at);
  }

  /// As an object of JSON, with names as in `loss_before`.
  public Map<String, Object> members() {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("kind", kind.name().toLowerCase(java.util.Locale.ROOT));
    members.put("number", number);
    members.put("version", version);
    members.put("before", before);
    members.put("file", file.map(path -> path.getFileName().toString()).orElse(null));
    members.put("steps", steps);
    members.put("updates", updates);
    members.put("loss", Json.finite(loss));
    members.put("loss_before", Json.finite(lossBefore));
    members.put("standard_error", Json.finite(error));
    members.put("window", window);
    members.put("at", at.toString());
    return members;
  }
}
