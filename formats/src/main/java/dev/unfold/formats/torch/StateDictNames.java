package dev.unfold.formats.torch;

import dev.unfold.formats.torch.PickleValue.Global;
import java.util.Set;

/// The few names of Python that state dicts are made with.
final class StateDictNames {
  static final Global ORDERED_DICT = new Global("collections", "OrderedDict");
  static final Global TENSOR = new Global("torch._utils", "_rebuild_tensor_v2");
  static final Global PARAMETER = new Global("torch._utils", "_rebuild_parameter");
  static final Global SIZE = new Global("torch", "Size");

  private static final Set<String> DTYPES =
      Set.of(
          "float32",
          "float64",
          "float16",
          "bfloat16",
          "int64",
          "int32",
          "int16",
          "int8",
          "uint8",
          "bool");

  private StateDictNames() {}

  static boolean isKnown(Global global) {
    return global.equals(ORDERED_DICT)
        || global.equals(TENSOR)
        || global.equals(PARAMETER)
        || global.equals(SIZE)
        || (global.module().equals("torch") && isKindOfNumbers(global.name()));
  }

  private static boolean isKindOfNumbers(String name) {
    return DTYPES.contains(name) || Storage.Type.named(name) != null;
  }
}
