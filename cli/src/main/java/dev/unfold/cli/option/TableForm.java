package dev.unfold.cli.option;

import dev.unfold.argument.Refusal;
import dev.unfold.data.label.LabelFormat;
import dev.unfold.data.label.LabelledData;
import dev.unfold.data.label.RowFormat;
import dev.unfold.data.series.Panel;
import dev.unfold.data.table.DateOrder;
import dev.unfold.data.table.Query;
import dev.unfold.data.table.RowStream;
import dev.unfold.data.table.Table;
import dev.unfold.data.table.TableFile;
import dev.unfold.data.table.TableOptions;
import dev.unfold.data.table.TableShape;
import dev.unfold.run.series.Forecaster;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// What is said about how the files of a table are written.
public final class TableForm {
  /// The variable of the environment that has the password of a database.
  private static final String PASSWORD = "UNFOLD_JDBC_PASSWORD";

  /// The name that commands give to this.
  private static final String NAME = "form";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--delimiter",
      paramLabel = "C",
      description =
          "What stands between two values: a sign, or tab (default: which of , ; | and tab fits the"
              + " first lines).")
  private String delimiter;

  @Option(
      names = "--quote",
      paramLabel = "C",
      description =
          "What stands around a value that holds delimiters or line breaks: a sign, or none"
              + " (default: \", and none in files with tabs that are even only so).")
  private String quote;

  @Option(
      names = "--decimal",
      paramLabel = "C",
      description = "The decimal sign, a point or a comma (default: found for each column).")
  private String decimal;

  @Option(
      names = "--dates",
      paramLabel = "ORDER",
      description =
          "What stands first in dates such as 03/04/2025: day-first or month-first (default: what"
              + " the whole column says).")
  private String dates;

  @Option(
      names = "--na",
      paramLabel = "TEXT",
      split = ",",
      converter = ColumnName.class,
      description =
          "Texts that mean that there is no value, beside NA, NaN, nan, ? and nothing at all, with"
              + " commas between them.")
  private List<String> missing = List.of();

  @Option(
      names = "--names",
      paramLabel = "NAME",
      split = ",",
      converter = ColumnName.class,
      description =
          "The columns' names, with commas between them, for files whose first line is a row"
              + " already.")
  private List<String> names = List.of();

  @Mixin private EncodingOption encoding;

  @Option(
      names = "--wide",
      description =
          "Each row is a series: its name, then its values in order. It is read as columns id, step"
              + " and value (--names ID,STEP,VALUE if the first line is a series already); a series"
              + " of one file goes on in the next.")
  private boolean isWide;

  @Option(
      names = "--sql",
      paramLabel = "QUERY",
      description =
          "The table is what this query gives. Each FILE is a table of it, named as the file is"
              + " without its ending; of --jdbc those of the database. Needs the module"
              + " unfold-sql.")
  private String sql;

  @Option(
      names = "--jdbc",
      paramLabel = "URL",
      description =
          "The database that --sql asks, in place of files: a JDBC URL, whose driver is on the"
              + " class path (CLASSPATH). The password is what the environment has as"
              + " UNFOLD_JDBC_PASSWORD.")
  private String jdbc;

  @Option(
      names = "--jdbc-user",
      paramLabel = "NAME",
      description = "The user of that database (default: none).")
  private String jdbcUser;

  /// Checks that nothing was said, for a model whose data are no tables.
  ///
  /// @param kind what it is a model of
  public void expectNothing(String kind) {
    firstGiven()
        .ifPresent(name -> {
          throw new Refusal(name, "a model of series, classes or tags", "one of " + kind);
        });
  }

  /// Checks that nothing was said, where there are no files.
  public void expectUnused() {
    firstGiven()
        .ifPresent(name -> {
          throw new Refusal(name, "files or a query beside it", "none");
        });
  }

  private Optional<String> firstGiven() {
    return spec.mixins().get(NAME).options().stream()
        .map(OptionSpec::longestName)
        .filter(name -> spec.commandLine().getParseResult().hasMatchedOption(name))
        .map(name -> name.replaceFirst("^--", ""))
        .findFirst();
  }

  /// Whether the table is that of a query, which need not be about files.
  public boolean isQuery() {
    return sql != null;
  }

  /// The table of `files`, to be closed, or that of the query about them; `-` is standard input.
  public Table read(List<Path> files) {
    if (jdbc != null && sql == null) {
      throw new Refusal("jdbc", "--sql beside it", "none");
    }
    if (jdbcUser != null && jdbc == null) {
      throw new Refusal("jdbc-user", "--jdbc beside it", "none");
    }
    return isQuery() ? query(files) : readFiles(files);
  }

  private Table query(List<Path> files) {
    given()
        .ifPresent(option -> {
          throw new Refusal(
              "sql",
              "nothing beside it that says how files are written (functions of the query say it)",
              "--" + option);
        });
    if (files.stream().anyMatch(InputFiles::isInput)) {
      throw new Refusal("FILE", "files beside --sql", "-");
    }
    Query query =
        new Query(
            sql,
            Optional.ofNullable(jdbc),
            Optional.ofNullable(jdbcUser),
            Optional.ofNullable(System.getenv(PASSWORD)),
            files);
    return Table.query(query, TableOptions.defaults().withMissing(set(missing)));
  }

  /// Checks that there is a file, or a query.
  public void expectFiles(List<Path> files) {
    if (files.isEmpty() && !isQuery()) {
      throw new Refusal("FILE", "one or more, or --sql", "none");
    }
  }

  /// The table of `files`, whatever else is asked.
  public Table readFiles(List<Path> files) {
    expectFiles(files);
    // Options first: standard input can be read only once.
    TableOptions options = options();
    // A table closes its files.
    return Table.read(new InputFiles().of(files), options);
  }

  /// The first option beside the encoding that says how files are written, if there is one.
  private Optional<String> given() {
    Map<String, Boolean> all = new LinkedHashMap<>();
    all.put("delimiter", delimiter != null);
    all.put("quote", quote != null);
    all.put("decimal", decimal != null);
    all.put("dates", dates != null);
    all.put("names", !names.isEmpty());
    all.put("wide", isWide);
    return all.entrySet().stream().filter(Map.Entry::getValue).map(Map.Entry::getKey).findFirst();
  }

  /// The series of `files`, as a model reads them.
  ///
  /// @param known tables with what is known of the future
  public Panel panel(Forecaster forecaster, List<Path> files, List<Path> known) {
    InputFiles.expectInputOnce(Stream.concat(files.stream(), known.stream()));
    List<Table> tables = new ArrayList<>();
    try {
      tables.add(read(files));
      for (Path file : known) {
        tables.add(readFiles(List.of(file)));
      }
      return forecaster.panel(tables);
    } finally {
      tables.forEach(Table::close);
    }
  }

  /// Labelled sequences of `files`, or of the query about them.
  public LabelledData labelled(LabelFormat format, List<Path> files, LabelFormat.Labels labels) {
    try (InputFiles inputs = new InputFiles()) {
      return labelled(format, files, inputs, labels);
    }
  }

  /// The same of files that may have been opened already.
  public LabelledData labelled(
      LabelFormat format, List<Path> files, InputFiles inputs, LabelFormat.Labels labels) {
    if (!(format instanceof RowFormat rows)) {
      expectNoTable();
      return inputs.read(format, files, options(), labels);
    }
    try (Table table = read(files)) {
      return rows.read(table, labels);
    }
  }

  /// Labelled sequences of `files`, whatever else is asked.
  public LabelledData labelledFiles(
      LabelFormat format, List<Path> files, InputFiles inputs, LabelFormat.Labels labels) {
    if (!(format instanceof RowFormat)) {
      expectNoTable();
    }
    return inputs.read(format, files, options(), labels);
  }

  /// Checks that nothing was said that has a meaning for tables alone.
  private void expectNoTable() {
    expectNoQuery("a table, since other forms have no columns");
    Optional<String> given = missing.isEmpty() ? given() : Optional.of("na");
    given.ifPresent(option -> {
      throw new Refusal(option, "a table, since other forms have no columns", "another form");
    });
  }

  /// The rows of `files`, or of the query about them, as they come, to be closed.
  public RowStream stream(List<Path> files) {
    if (isQuery() || files.size() != 1) {
      return RowStream.of(read(files));
    }
    expectNoQuery("--sql beside it");
    return RowStream.of(TableFile.of(files.getFirst()), options());
  }

  /// The rows of an input, as they come.
  ///
  /// @param name what messages call it
  public RowStream stream(String name, InputStream in) {
    if (isWide) {
      throw new Refusal("wide", "a table with an event a row", "a series a row");
    }
    expectNoQuery("rows that are read as they come");
    return RowStream.of(name, in, options());
  }

  private void expectNoQuery(String expected) {
    if (sql != null || jdbc != null || jdbcUser != null) {
      throw new Refusal("sql, jdbc", expected, "a query");
    }
  }

  /// How the files are written.
  public TableOptions options() {
    TableOptions options =
        TableOptions.defaults()
            .withEncoding(encoding.charset())
            .withMissing(set(missing))
            .withNames(names)
            .withShape(isWide ? TableShape.WIDE : TableShape.LONG);
    if (delimiter != null) {
      options = options.withDelimiter(sign("delimiter", delimiter));
    }
    if (quote != null) {
      options =
          options.withQuote(quote.equals("none") ? TableOptions.NO_QUOTE : sign("quote", quote));
    }
    if (decimal != null) {
      options = options.withDecimal(sign("decimal", decimal));
    }
    return dates == null ? options : options.withDates(order(dates));
  }

  private static Set<String> set(List<String> texts) {
    return new LinkedHashSet<>(texts);
  }

  private static char sign(String option, String text) {
    if (text.equals("tab") || text.equals("\\t")) {
      return '\t';
    }
    if (text.length() != 1) {
      throw new Refusal(option, "one character", text);
    }
    return text.charAt(0);
  }

  private static DateOrder order(String text) {
    for (DateOrder order : DateOrder.values()) {
      if (order.text().equals(text)) {
        return order;
      }
    }
    throw new Refusal("dates", "day-first or month-first", text);
  }
}
