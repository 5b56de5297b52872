package dev.unfold.spark;

import dev.unfold.data.table.Table;
import dev.unfold.data.table.TableOptions;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/// Passes rows on, and remembers the values by which series are told apart with the types that they came with.
final class Keys implements Iterator<Row> {
  private final Iterator<Row> rows;
  private final List<String> by;
  private final Map<List<Object>, Row> seen = new LinkedHashMap<>();
  private StructType schema = new StructType();

  Keys(Iterator<Row> rows, List<String> by) {
    this.rows = rows;
    this.by = by;
  }

  @Override
  public boolean hasNext() {
    return rows.hasNext();
  }

  @Override
  public Row next() {
    Row row = rows.next();
    if (seen.isEmpty()) {
      for (String name : by) {
        schema = schema.add(row.schema().apply(name));
      }
    }
    Object[] key = by.stream().map(name -> row.<Object>getAs(name)).toArray();
    seen.computeIfAbsent(Arrays.asList(key), _ -> RowFactory.create(key));
    return row;
  }

  /// The keys by what a table makes of them.
  Map<List<String>, Row> byText() {
    Map<List<String>, Row> all = new HashMap<>();
    if (by.isEmpty()) {
      all.put(List.of(), RowFactory.create());
      return all;
    }
    Iterator<Row> keys = seen.values().iterator();
    try (Table table =
        Table.of(Rows.copy(schema, seen.values().iterator()), TableOptions.defaults())) {
      table.rows(row -> {
        List<String> texts = by.stream().map(name -> row.text(table.column(name).index())).toList();
        all.putIfAbsent(texts, keys.next());
      });
    }
    return all;
  }
}
