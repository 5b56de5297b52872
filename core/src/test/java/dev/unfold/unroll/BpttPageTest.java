package dev.unfold.unroll;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Activation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Keeps `docs/bptt.md` and its translation true: their numbers are the library's, their names exist.
final class BpttPageTest {
  /// With fewer numbers than this the search for them is broken, or the example has lost a table.
  private static final int NUMBERS = 136;

  /// The formulas that must be in the list of section 12.
  private static final List<String> FORMULAS =
      List.of(
          "net_h_i(t) = sum_m v_im x_m(t) + sum_s u_is h_s(t-1)",
          "h_i(t) = f(net_h_i(t))",
          "net_y_k(t) = sum_m w_km h_m(t)",
          "o_k(t) = exp(net_y_k(t)) / sum_j exp(net_y_j(t))",
          "E_t = - sum_k z_k(t) ln o_k(t)",
          "E = sum_t E_t",
          "delta_out_k(t) = o_k(t) - z_k(t)",
          "delta_i(t, t) = ( sum_k delta_out_k(t) w_ki ) f'(net_h_i(t))",
          "delta_i(t', t) = ( sum_j delta_j(t'+1, t) u_ji ) f'(net_h_i(t')), t' < t",
          "delta_i(t', t) = 0, t' > t",
          "dE_t/dw_km = delta_out_k(t) h_m(t)",
          "dE_t/dv_im = sum_{t'<=t} delta_i(t', t) x_m(t')",
          "dE_t/du_is = sum_{t'<=t} delta_i(t', t) h_s(t'-1)",
          "dE/dw_km = sum_t dE_t/dw_km",
          "dE/dv_im = sum_t dE_t/dv_im",
          "dE/du_is = sum_t dE_t/du_is",
          "delta_i(t') = sum_t delta_i(t', t)");

  /// Steps, inputs, hidden units and outputs of the example.
  private static final int T = 3;

  private static final int N = 2;

  static Stream<BpttPage> pages() {
    return Stream.of(BpttPage.english(), BpttPage.chinese());
  }

  @ParameterizedTest
  @MethodSource("pages")
  void numbers_ofThePage_areThoseOfTheLibrary(BpttPage page) {
    Map<String, String> printed = new LinkedHashMap<>(page.numbers());
    Elman elman = elman(printed);
    Map<String, Double> computed = numbers(elman);
    assertEquals(computed.keySet(), printed.keySet(), "the numbers that the page must have");
    assertTrue(printed.size() >= NUMBERS, "only " + printed.size() + " numbers compared");
    computed.forEach((name, value) -> expectPrinted(name, printed.get(name), value));
  }

  /// Half a unit in the last printed place; a number without decimal places is exact.
  private static void expectPrinted(String name, String printed, double computed) {
    BigDecimal decimal = new BigDecimal(printed);
    BigDecimal error = decimal.subtract(new BigDecimal(computed)).abs();
    BigDecimal half =
        decimal.scale() == 0
            ? BigDecimal.ZERO
            : new BigDecimal("0.5").scaleByPowerOfTen(-decimal.scale());
    String message = name + ": printed " + printed + ", computed " + computed;
    assertTrue(error.compareTo(half) <= 0, message);
    assertTrue(decimal.scale() == 0 || decimal.scale() == 6, message + ": expected 6 places");
  }

  @ParameterizedTest
  @MethodSource("pages")
  void numbers_besideTheTables_areNumbersOfTheTables(BpttPage page) {
    Set<String> inTables = new LinkedHashSet<>();
    page.numbers().values().forEach(number -> inTables.add(number.replace("-", "")));
    List<String> inFormulas = page.decimals(String.join("\n", page.blocks()), 6);
    assertTrue(inFormulas.size() >= 30, "only " + inFormulas.size() + " numbers in formulas");
    for (String number : page.decimals(page.text(), 6)) {
      assertTrue(inTables.contains(number), number + ": is in no table");
    }
  }

  @Test
  void pages_inBothLanguages_haveTheSameNumbersAndFormulas() {
    BpttPage english = BpttPage.english();
    BpttPage chinese = BpttPage.chinese();
    assertEquals(english.numbers(), chinese.numbers());
    assertEquals(english.blocks(), chinese.blocks());
    assertTrue(english.blocks().size() >= 30, "only " + english.blocks().size() + " blocks");
    assertEquals(formulas(english), formulas(chinese));
    assertTrue(english.text().contains("](bptt.zh.md)"), "link to the other language");
    assertTrue(chinese.text().contains("](bptt.md)"), "link to the other language");
  }

  @ParameterizedTest
  @MethodSource("pages")
  void formulas_ofTheNotation_areInTheTextAndInTheList(BpttPage page) {
    String blocks = String.join("\n", page.blocks()).replaceAll(" +", " ");
    List<String> listed = formulas(page).stream().map(Formula::text).toList();
    for (String formula : FORMULAS) {
      assertTrue(listed.contains(formula), formula + ": is not in the list");
      String withoutCondition = formula.replaceAll(", t' [<>] t$", "");
      assertTrue(blocks.contains(withoutCondition + "\n"), formula + ": is not in the text");
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void methods_ofTheList_exist(BpttPage page) {
    for (Formula formula : formulas(page)) {
      assertTrue(!formula.methods().isEmpty(), formula.text() + ": names no method");
      for (String method : formula.methods()) {
        assertTrue(!find(method, "main").isEmpty(), method + ": there is no such method");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void tests_ofTheList_exist(BpttPage page) {
    for (Formula formula : formulas(page)) {
      assertTrue(!formula.tests().isEmpty(), formula.text() + ": names no test");
      for (String test : formula.tests()) {
        boolean isTest = find(test, "test").stream().anyMatch(BpttPageTest::isTest);
        assertTrue(isTest, test + ": there is no such test");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void namesInTheText_ofClassesAndMethods_exist(BpttPage page) throws ClassNotFoundException {
    int names = 0;
    for (String code : BpttPage.codes(page.text())) {
      if (code.matches("\\w+#\\w+")) {
        boolean isThere = !find(code, "main").isEmpty() || !find(code, "test").isEmpty();
        assertTrue(isThere, code + ": there is no such method");
        names++;
      } else if (code.matches("dev\\.unfold\\.[a-z.]+[A-Z]\\w+")) {
        Class.forName(code, false, BpttPageTest.class.getClassLoader());
        names++;
      } else if (code.matches("(?!PyTorch)[A-Z][a-z]+[A-Za-z]*(\\.[A-Z]\\w+)?")) {
        String type = code.replaceAll("\\..*", "");
        boolean isThere = !classes(type, "main").isEmpty() || !classes(type, "test").isEmpty();
        assertTrue(isThere, code + ": there is no such class");
        names++;
      }
    }
    assertTrue(names >= 60, "only " + names + " names found");
  }

  private static boolean isTest(Method method) {
    return Arrays.stream(method.getAnnotations())
        .map(Annotation::annotationType)
        .anyMatch(type ->
            type.getPackageName().startsWith("org.junit.jupiter")
                && (type.getSimpleName().endsWith("Test")
                    || type.getSimpleName().equals("TestFactory")));
  }

  /// A row of the list.
  private record Formula(String text, List<String> methods, List<String> tests) {}

  private static List<Formula> formulas(BpttPage page) {
    List<Formula> formulas = new ArrayList<>();
    for (List<List<String>> table : page.tables()) {
      List<String> first = table.get(1);
      if (first.size() == 3 && first.get(1).contains("#") && first.get(2).contains("#")) {
        for (List<String> row : table.subList(1, table.size())) {
          formulas.add(
              new Formula(
                  BpttPage.codes(row.get(0)).getFirst(),
                  BpttPage.codes(row.get(1)),
                  BpttPage.codes(row.get(2))));
        }
      }
    }
    return formulas;
  }

  /// All methods `Class#method` whose class has its source in the folder `main` or `test` of core or
  /// kernels.
  private static List<Method> find(String name, String folder) {
    String[] parts = name.split("#", -1);
    assertEquals(2, parts.length, name + ": expected Class#method");
    List<Method> methods = new ArrayList<>();
    for (Class<?> type : classes(parts[0], folder)) {
      for (Class<?> c = type; c != null; c = c.getSuperclass()) {
        for (Method method : c.getDeclaredMethods()) {
          if (method.getName().equals(parts[1])) {
            methods.add(method);
          }
        }
      }
    }
    return methods;
  }

  private static List<Class<?>> classes(String simpleName, String folder) {
    List<Class<?>> classes = new ArrayList<>();
    for (String module : List.of("core", "kernels")) {
      addClasses(
          BpttPage.root().resolve(module).resolve("src/" + folder + "/java"), simpleName, classes);
    }
    return classes;
  }

  private static void addClasses(Path sources, String simpleName, List<Class<?>> classes) {
    if (!Files.isDirectory(sources)) {
      return;
    }
    try (Stream<Path> files = Files.walk(sources)) {
      for (Path file : files.toList()) {
        if (file.getFileName().toString().equals(simpleName + ".java")) {
          String path = sources.relativize(file).toString();
          String binaryName =
              path.substring(0, path.length() - ".java".length())
                  .replace(file.getFileSystem().getSeparator(), ".");
          classes.add(Class.forName(binaryName, false, BpttPageTest.class.getClassLoader()));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(simpleName + ": has a source but is not there", e);
    }
  }

  /// The network of the example, taken out of the page's numbers.
  private static Elman elman(Map<String, String> numbers) {
    return new Elman(
        Activation.TANH,
        take(numbers, "v_%d%d", N),
        take(numbers, "u_%d%d", N),
        take(numbers, "w_%d%d", N),
        take(numbers, "x_%2$d(%1$d)", T),
        take(numbers, "z_%2$d(%1$d)", T));
  }

  private static double[][] take(Map<String, String> numbers, String name, int rows) {
    double[][] matrix = new double[rows][N];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < N; c++) {
        String key = String.format(name, r, c);
        String number = numbers.remove(key);
        assertTrue(number != null, key + ": is not on the page");
        matrix[r][c] = Double.parseDouble(number);
      }
    }
    return matrix;
  }

  /// What the library computes, under the names that the page's tables give.
  private static Map<String, Double> numbers(Elman elman) {
    Elman.Values values = ElmanByLibrary.values(elman);
    Map<String, Double> numbers = new LinkedHashMap<>();
    for (int t = 0; t < T; t++) {
      for (int n = 0; n < N; n++) {
        numbers.put("net_h_" + n + "(" + t + ")", values.netH()[t][n]);
      }
      for (int n = 0; n < N; n++) {
        numbers.put("h_" + n + "(" + t + ")", values.h()[t][n]);
      }
      for (int n = 0; n < N; n++) {
        double slope = 1 - values.h()[t][n] * values.h()[t][n];
        numbers.put("f'(net_h_" + n + "(" + t + "))", slope);
      }
    }
    for (int t = 0; t < T; t++) {
      for (int n = 0; n < N; n++) {
        numbers.put("net_y_" + n + "(" + t + ")", values.netY()[t][n]);
      }
      for (int n = 0; n < N; n++) {
        numbers.put("o_" + n + "(" + t + ")", values.o()[t][n]);
      }
      numbers.put("E_" + t, values.losses()[t]);
      for (int n = 0; n < N; n++) {
        numbers.put("delta_out_" + n + "(" + t + ")", values.deltaOut()[t][n]);
      }
    }
    numbers.put("sum_t E_t", values.loss());
    for (int n = 0; n < N; n++) {
      for (int t = 0; t < T; t++) {
        for (int at = 0; at < T; at++) {
          numbers.put("delta_" + n + "(" + at + ", " + t + ")", values.delta()[at][t][n]);
        }
      }
      for (int at = 0; at < T; at++) {
        numbers.put("sum_t delta_" + n + "(" + at + ", t)", values.sums()[at][n]);
      }
    }
    for (int t = 0; t < T; t++) {
      putAll(numbers, "dE_" + t, values.ofOne()[t]);
    }
    putAll(numbers, "sum_t dE_t", values.ofAll());
    for (int window = 1; window <= T; window++) {
      Elman.Gradients gradients = ElmanByLibrary.truncated(elman, window);
      String suffix = " [T = " + window + "]";
      put(numbers, "dE/dv_", gradients.v(), suffix);
      put(numbers, "dE/du_", gradients.u(), suffix);
    }
    return numbers;
  }

  private static void putAll(Map<String, Double> numbers, String error, Elman.Gradients gradients) {
    put(numbers, error + "/dv_", gradients.v(), "");
    put(numbers, error + "/du_", gradients.u(), "");
    put(numbers, error + "/dw_", gradients.w(), "");
  }

  private static void put(
      Map<String, Double> numbers, String name, double[][] matrix, String suffix) {
    for (int r = 0; r < N; r++) {
      for (int c = 0; c < N; c++) {
        numbers.put(name + r + c + suffix, matrix[r][c]);
      }
    }
  }
}
