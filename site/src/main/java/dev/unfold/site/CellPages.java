package dev.unfold.site;

import dev.unfold.cell.Activation;
import dev.unfold.cell.Cell;
import dev.unfold.cell.CellParameter;
import dev.unfold.cell.Size;
import dev.unfold.cell.Start;
import dev.unfold.cell.library.ActivatedCells;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Pages of the library's cells: their equations, typeset, with what the sources say of them.
final class CellPages {
  /// The folder of the site that has them.
  static final String FOLDER = "cells/";

  private static final String ACTIVATED = "activated.html";
  private static final String SOURCES = "core/src/main/java/dev/unfold/cell/library/";
  private static final String API = "../api/dev.unfold.core/dev/unfold/cell/library/";
  private static final Pattern REFERENCE =
      Pattern.compile("\\[([A-Z][A-Za-z]+)?(?:#(\\w+))?](?!\\()");

  private static final String LEGEND =
      "<p class=\"legend\">⊙ multiplies unit by unit, σ is the sigmoid. Below each term of an"
          + " affine map is the name of its parameter; an index chooses the rows of it.</p>";

  private final Path root;
  private final List<LibraryCell> cells = LibraryCell.all();

  /// @param root the project's folder
  CellPages(Path root) {
    this.root = root;
  }

  /// All of them, the overview first.
  List<Page> pages() throws IOException {
    List<Page> pages = new ArrayList<>();
    StringBuilder list = new StringBuilder();
    for (LibraryCell cell : cells) {
      CellComment comment = CellComment.ofMethod(source(cell.home()), cell.method());
      pages.add(page(cell, comment));
      list.append("<dt>")
          .append(Html.link(address(cell), Html.code(cell.name())))
          .append("</dt><dd>")
          .append(markdown(comment.summary(), cell.home()))
          .append("</dd>\n");
    }
    list.append("<dt>")
        .append(Html.link(ACTIVATED, "Other functions"))
        .append("</dt><dd><p>LSTMs and GRUs with other functions at gates and candidates</p></dd>");
    pages.addFirst(overview(list.toString()));
    pages.add(activated());
    return pages;
  }

  private static Page overview(String list) {
    String body =
        """
        <h1 id="equations">The cells and their equations</h1>
        <p>Each page is made from the cell itself: its equations are what the library derives everything else from.
        <code>--cell NAME</code> chooses one on the command line, <code>Cells.named("NAME")</code> in Java;
        <code>Cell.mathMl()</code> typesets one of your own in the same way.
        <a href="../cells.html">Cells</a> compares them, and tells how to write one.</p>
        <dl>
        %s</dl>
        """
            .formatted(list);
    return new Page(FOLDER + "index.html", "en", "The cells and their equations", body, List.of());
  }

  private Page page(LibraryCell cell, CellComment comment) {
    Cell first = cell.cells().getFirst();
    StringBuilder body = new StringBuilder();
    body.append("<h1>").append(Html.escaped(cell.name())).append("</h1>\n");
    body.append(markdown(comment.before(), cell.home()));
    for (Cell each : cell.cells()) {
      if (cell.cells().size() > 1) {
        body.append("<p>").append(Html.code(each.name())).append("</p>\n");
      }
      body.append(equations(each));
    }
    body.append(markdown(comment.after(), cell.home())).append(LEGEND);
    List<Heading> headings =
        List.of(
            new Heading(2, "states", "States"),
            new Heading(2, "parameters", "Parameters"),
            new Heading(2, "use", "Use"));
    body.append("<h2 id=\"states\">States</h2>\n").append(states(first));
    body.append("<h2 id=\"parameters\">Parameters</h2>\n").append(parameters(first));
    body.append("<h2 id=\"use\">Use</h2>\n").append(use(cell));
    return new Page(FOLDER + address(cell), "en", cell.name(), body.toString(), headings);
  }

  private static String equations(Cell cell) {
    return "<div class=\"equations\" tabindex=\"0\">" + cell.mathMl() + "</div>\n";
  }

  private static String states(Cell cell) {
    String states =
        cell.recurrences().stream()
            .map(recurrence -> recurrence.state().name() + " [B, " + letter(recurrence) + "]")
            .map(Html::code)
            .collect(Collectors.joining(", "));
    return "<p>%s, with B sequences side by side. The input is %s.</p>%n"
        .formatted(states, Html.code("x [B, I]"));
  }

  private static String letter(Cell.Recurrence recurrence) {
    return recurrence.state().size().letter();
  }

  private static String parameters(Cell cell) {
    StringBuilder rows = new StringBuilder();
    for (CellParameter parameter : cell.layout().parameters()) {
      String blocks =
          parameter.blocks().stream()
              .map(CellParameter.Block::name)
              .collect(Collectors.joining(", "));
      rows.append("<tr><td>")
          .append(Html.code(parameter.name()))
          .append("</td><td>")
          .append(Html.code(shape(parameter)))
          .append("</td><td>")
          .append(parameter.role() == CellParameter.Role.VECTOR ? "units" : Html.escaped(blocks))
          .append("</td><td>")
          .append(start(parameter.start()))
          .append("</td></tr>\n");
    }
    String forget =
        cell.forgetBiases().isEmpty()
            ? ""
            : "<p>%s %s the bias of a forget gate, which <code>--init forget=X</code> sets.</p>%n"
                .formatted(
                    cell.forgetBiases().stream()
                        .map(Html::code)
                        .collect(Collectors.joining(" and ")),
                    cell.forgetBiases().size() == 1 ? "has" : "have");
    return Html.scrolling(
            """
            <table><thead><tr><th>name</th><th>shape</th><th>rows</th><th>starts</th></tr></thead>
            <tbody>
            %s</tbody></table>\
            """
                .formatted(rows))
        + "\n"
        + forget;
  }

  private static String shape(CellParameter parameter) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    parameter.blocks().forEach(block -> counts.merge(block.size().letter(), 1, Integer::sum));
    String rows =
        counts.entrySet().stream()
            .map(count -> (count.getValue() == 1 ? "" : count.getValue()) + count.getKey())
            .collect(Collectors.joining(" + "));
    Size columns = parameter.columns();
    return parameter.role().isMatrix()
        ? "[%s, %s]".formatted(rows, columns.letter())
        : "[" + rows + "]";
  }

  private static String start(Start start) {
    return switch (start) {
      case Start.Drawn drawn -> "drawn";
      case Start.At at -> "at " + plain(at.value());
      case Start.Between between ->
          "uniform in [%s, %s]".formatted(plain(between.low()), plain(between.high()));
    };
  }

  private static String plain(double value) {
    return Double.toString(value).replaceFirst("\\.0$", "");
  }

  private static String use(LibraryCell cell) {
    boolean one = cell.cells().size() == 1;
    String home = cell.home().getSimpleName();
    String method = one ? "()" : "(dev.unfold.cell.Activation)";
    return """
    <pre tabindex="0"><code>unfold train text input.txt --cell %s
    </code></pre>
    <p>In Java: %s, or <code>Cells.named("%s")</code>.</p>
    """
        .formatted(
            cell.name(),
            Html.link(
                API + home + ".html#" + cell.method() + method,
                Html.code(home + "." + cell.method() + (one ? "()" : "(activation)"))),
            cell.name());
  }

  private Page activated() throws IOException {
    CellComment comment = CellComment.ofClass(source(ActivatedCells.class));
    StringBuilder body = new StringBuilder("<h1>LSTMs and GRUs with other functions</h1>\n");
    body.append(markdown(comment.before(), ActivatedCells.class));
    body.append(markdown(comment.after(), ActivatedCells.class)).append(LEGEND);
    List<Heading> headings = new ArrayList<>();
    for (ActivatedCells.Kind kind : ActivatedCells.Kind.values()) {
      String name = kind.name().toLowerCase(Locale.ROOT);
      headings.add(new Heading(2, name, name));
      body.append("<h2 id=\"%s\">%s</h2>%n".formatted(name, name));
      for (Cell cell : activated(kind)) {
        headings.add(new Heading(3, cell.name(), cell.name()));
        body.append(
            "<details id=\"%s\"><summary>%s</summary>%s</details>%n"
                .formatted(cell.name(), Html.code(cell.name()), equations(cell)));
      }
    }
    return new Page(
        FOLDER + ACTIVATED, "en", "LSTMs and GRUs with other functions", body.toString(), headings);
  }

  /// The cells of a kind that are no standard cells.
  private List<Cell> activated(ActivatedCells.Kind kind) {
    List<String> standard =
        cells.stream().flatMap(each -> each.cells().stream()).map(Cell::name).toList();
    List<Cell> all = new ArrayList<>();
    for (ActivatedCells.Gate gate : ActivatedCells.Gate.values()) {
      for (Activation activation : Activation.values()) {
        Cell cell = ActivatedCells.of(kind, gate, activation);
        if (!standard.contains(cell.name())) {
          all.add(cell);
        }
      }
    }
    return all;
  }

  private String source(Class<?> home) throws IOException {
    return Files.readString(root.resolve(SOURCES + home.getSimpleName() + ".java"));
  }

  private static String address(LibraryCell cell) {
    return cell.name() + ".html";
  }

  /// A part of a comment, whose references to cells lead to their pages.
  private String markdown(String comment, Class<?> home) {
    Matcher reference = REFERENCE.matcher(comment);
    String text =
        reference.replaceAll(match -> {
          String type = match.group(1) == null ? home.getSimpleName() : match.group(1);
          return Matcher.quoteReplacement(reference(type, match.group(2), match.group()));
        });
    return Markdown.fragment(text);
  }

  private String reference(String type, String member, String text) {
    if (text.equals("[]")) {
      return text;
    }
    if (member == null) {
      return "`" + type + "`";
    }
    return cells.stream()
        .filter(cell -> cell.reference().equals(type + "#" + member))
        .findFirst()
        .map(cell -> "[`%s`](%s)".formatted(cell.name(), address(cell)))
        .orElse("`" + type + "." + member + "`");
  }
}
