package dev.unfold.data.table;

import dev.unfold.argument.Expect;
import java.util.List;
import java.util.function.Consumer;

/// The rows of a table, whose types all rows have told.
record TableStream(Table table) implements RowStream {
  /// Rows between two times at which what was found may be told.
  private static final int TOLD = 1 << 10;

  @Override
  public String name() {
    return table.files().getFirst();
  }

  @Override
  public void rows(
      List<String> areNumbers, Consumer<List<Column>> begin, Consumer<Row> next, Runnable wait) {
    Expect.given("areNumbers", areNumbers).forEach(each -> table.numbers("column", each));
    begin.accept(table.columns());
    table.rows(row -> {
      next.accept(row);
      if (row.number() % TOLD == TOLD - 1) {
        wait.run();
      }
    });
  }

  @Override
  public Column column(String argument, String column) {
    return table.column(argument, column);
  }

  @Override
  public void close() {
    table.close();
  }
}
