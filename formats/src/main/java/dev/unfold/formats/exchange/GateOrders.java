package dev.unfold.formats.exchange;

import dev.unfold.argument.Refusal;
import java.util.ArrayList;
import java.util.List;

/// In which order files have the gates of a layer: `i`, `f`, `g`, `o` of an LSTM, `r`, `z`, `n` of a GRU.
///
/// @param lstm each letter once
/// @param gru each letter once
public record GateOrders(String lstm, String gru) {
  /// PyTorch's, and the library's own.
  public static final GateOrders TORCH = new GateOrders("ifgo", "rzn");

  /// Keras's, which says c for g and h for n.
  public static final GateOrders KERAS = new GateOrders("ifgo", "zrn");

  /// ONNX's.
  public static final GateOrders ONNX = new GateOrders("iofg", "zrn");

  /// Checks the letters.
  public GateOrders {
    if (!isOrder(lstm, "ifgo") || !isOrder(gru, "rzn")) {
      throw new Refusal("gates", "i, f, g, o and r, z, n", lstm + " and " + gru);
    }
  }

  /// Whether `text` has each of the `letters` once.
  static boolean isOrder(String text, String letters) {
    return text.length() == letters.length()
        && letters.chars().allMatch(letter -> text.indexOf(letter) >= 0);
  }

  /// All orders of the letters.
  static List<String> all(String letters) {
    if (letters.length() < 2) {
      return List.of(letters);
    }
    List<String> all = new ArrayList<>();
    for (int i = 0; i < letters.length(); i++) {
      char first = letters.charAt(i);
      for (String rest : all(letters.substring(0, i) + letters.substring(i + 1))) {
        all.add(first + rest);
      }
    }
    return all;
  }

  /// That of layers of `letters.length()` gates.
  String of(String letters) {
    return letters.length() == lstm.length() ? lstm : gru;
  }

  /// An order by the letters that the program itself uses.
  String shown(String order) {
    return equals(TORCH) ? order : order.replace('g', 'c').replace('n', 'h');
  }
}
