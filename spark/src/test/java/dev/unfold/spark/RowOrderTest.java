package dev.unfold.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RowOrderTest {
  private static final StructType SCHEMA =
      new StructType().add("a.b", DataTypes.IntegerType).add("Order", DataTypes.IntegerType);

  /// Rows of four keys in five partitions, numbered from 0 on.
  private static Dataset<Row> rows() {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      rows.add(RowFactory.create(i % 4, i));
    }
    return LocalSpark.session()
        .createDataFrame(rows, SCHEMA)
        .repartitionByRange(5, Columns.of("Order"));
  }

  private static Dataset<Row> withPartitions(Dataset<Row> rows) {
    return rows.withColumn("partition", functions.spark_partition_id());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.b", ""})
  void together_rowsOfAKey_areInOnePartitionInTheirOrder(String key) {
    List<String> by = key.isEmpty() ? List.of() : List.of(key);
    Dataset<Row> together = RowOrder.together(rows(), by);
    assertEquals(List.of("a.b", "Order"), List.of(together.columns()));
    Map<Integer, Integer> last = new HashMap<>();
    Map<Integer, Set<Integer>> places = new HashMap<>();
    List<Row> said = withPartitions(together).collectAsList();
    for (Row row : said) {
      int own = by.isEmpty() ? 0 : row.getInt(0);
      assertTrue(row.getInt(1) > last.getOrDefault(own, -1), row.toString());
      last.put(own, row.getInt(1));
      places.computeIfAbsent(own, _ -> new HashSet<>()).add(row.getInt(2));
    }
    assertEquals(60, said.size());
    places.values().forEach(each -> assertEquals(1, each.size(), places.toString()));
  }

  /// What machines answer first is another order each time, which one process does not show: here the order that rows
  /// come in is the opposite of the one that they had.
  @ParameterizedTest
  @ValueSource(strings = {"a.b", ""})
  void gathered_rowsThatComeInAnotherOrder_areInThatOfTheirNumbers(String key) {
    Dataset<Row> numbered = rows().withColumn("number", functions.expr("100 - `Order`"));
    Map<Integer, Integer> last = new HashMap<>();
    for (Row row :
        RowOrder.gathered(numbered, "number", key.isEmpty() ? List.of() : List.of(key))
            .collectAsList()) {
      int own = key.isEmpty() ? 0 : row.getInt(0);
      assertTrue(row.getInt(1) < last.getOrDefault(own, 100), row.toString());
      last.put(own, row.getInt(1));
    }
    assertEquals(key.isEmpty() ? 1 : 4, last.size());
  }

  @Test
  void numbered_ofSeveralPartitions_growsFromRowToRow() {
    Dataset<Row> rows = rows();
    assertEquals(5, withPartitions(rows).select("partition").distinct().count());
    String order = RowOrder.unused(rows);
    assertEquals("order_", order);
    long last = -1;
    for (Row row : RowOrder.numbered(rows, order).orderBy(Columns.of("Order")).collectAsList()) {
      assertTrue(row.getLong(2) > last, row.toString());
      last = row.getLong(2);
    }
  }
}
