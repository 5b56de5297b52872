package dev.unfold.formats.torch;

import java.util.List;

/// What a pickle may hold beside texts, numbers, lists and dicts.
sealed interface PickleValue {
  /// Nothing.
  enum None implements PickleValue {
    NONE
  }

  /// A name of Python's, which stands for nothing until it is looked at.
  record Global(String module, String name) implements PickleValue {
    String text() {
      return module + "." + name;
    }
  }

  /// Values in a fixed order. Two are never compared: that may take as long as a malicious file wants.
  record Tuple(List<Object> items) implements PickleValue {}
}
