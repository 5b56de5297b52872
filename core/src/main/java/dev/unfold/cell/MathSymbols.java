package dev.unfold.cell;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Names as MathML has them: `net_i` as net with the index i, `alpha` as the Greek letter, `c_hat` as c with a hat.
final class MathSymbols {
  private static final Map<String, String> GREEK =
      Map.ofEntries(
          Map.entry("alpha", "α"),
          Map.entry("beta", "β"),
          Map.entry("gamma", "γ"),
          Map.entry("delta", "δ"),
          Map.entry("epsilon", "ε"),
          Map.entry("zeta", "ζ"),
          Map.entry("eta", "η"),
          Map.entry("theta", "θ"),
          Map.entry("kappa", "κ"),
          Map.entry("lambda", "λ"),
          Map.entry("mu", "μ"),
          Map.entry("nu", "ν"),
          Map.entry("xi", "ξ"),
          Map.entry("rho", "ρ"),
          Map.entry("sigma", "σ"),
          Map.entry("tau", "τ"),
          Map.entry("phi", "φ"),
          Map.entry("chi", "χ"),
          Map.entry("psi", "ψ"),
          Map.entry("omega", "ω"));

  /// What is written above a letter.
  private static final Map<String, String> ACCENTS =
      Map.of("hat", "^", "tilde", "~", "bar", "¯", "dot", "˙");

  private MathSymbols() {}

  /// The name as a symbol with its indices and accents.
  static String of(String name) {
    List<String> parts = new ArrayList<>(List.of(name.split("_")));
    String symbol = identifier(parts.removeFirst());
    List<String> indices = new ArrayList<>();
    for (String part : parts) {
      String accent = ACCENTS.get(part);
      if (accent == null) {
        indices.add(identifier(part));
      } else {
        symbol = "<mover accent=\"true\">" + symbol + "<mo>" + accent + "</mo></mover>";
      }
    }
    return indices.isEmpty() ? symbol : indexed(symbol, String.join("<mo>,</mo>", indices));
  }

  /// A symbol with an index.
  static String indexed(String symbol, String index) {
    return "<msub>" + symbol + "<mrow>" + index + "</mrow></msub>";
  }

  /// What stands before the first `_`, and what after it; nothing if there is none.
  static List<String> split(String name) {
    int mark = name.indexOf('_');
    return mark < 0 ? List.of(name) : List.of(name.substring(0, mark), name.substring(mark + 1));
  }

  /// One identifier, as text.
  static String identifier(String name) {
    return "<mi>" + escaped(GREEK.getOrDefault(name, name)) + "</mi>";
  }

  /// Letters below a symbol that say what it is called elsewhere.
  static String label(String text) {
    return "<mtext>" + escaped(text) + "</mtext>";
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
