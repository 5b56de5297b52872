package dev.unfold.serve.session;

import dev.unfold.argument.Refusal;
import dev.unfold.head.Targets;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.serve.json.Members;
import java.util.Optional;
import java.util.OptionalLong;

/// What was right at rows that a session has read:
///
///     {"step": 12, "rows": [[0.5], [0.7], ...]}   of values, sets and the like: N numbers for each
///     {"step": 12, "classes": [3, 0, ...]}        of classes
///
/// @param step that of the first: 0 for the first row of the session
/// @param name of the member that has them, for messages
/// @param targets of the rows from there on
record TargetRows(long step, String name, Targets targets) {
  /// **Errors**: [Refusal] for what is no such request.
  static TargetRows parse(ElementType type, byte... json) {
    OptionalLong step = OptionalLong.empty();
    Optional<Targets> targets = Optional.empty();
    String name = "";
    try (Members members = Members.of(json)) {
      while (members.next()) {
        switch (members.name()) {
          case "step" -> step = OptionalLong.of(members.whole(0, Long.MAX_VALUE));
          case "rows", "classes" -> {
            if (targets.isPresent()) {
              throw new Refusal("body", "one of rows and classes", "two");
            }
            name = members.name();
            targets = Optional.of(targets(type, members));
          }
          default ->
              throw new Refusal("body", "step, and rows or classes", "also " + members.name());
        }
      }
    }
    if (step.isEmpty() || targets.isEmpty()) {
      throw new Refusal("body", "step, and rows or classes", "less");
    }
    return new TargetRows(step.getAsLong(), name, targets.get());
  }

  private static Targets targets(ElementType type, Members members) {
    return members.name().equals("classes")
        ? new Targets.Classes(members.wholes(), 0)
        : new Targets.Values(new NumberRows(members.table()).matrix(type));
  }
}
