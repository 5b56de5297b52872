package dev.unfold.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

final class RowsTest {
  private static final StructType SCHEMA =
      new StructType().add("a.b", DataTypes.IntegerType).add("order", DataTypes.IntegerType);

  /// What machines answer first is another order each time, which a test of one process does not see: so what is looked
  /// at is that rows are put in order as well.
  @Test
  void together_rowsOfAKey_areInOnePartitionInTheirOrder() {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      rows.add(RowFactory.create(i % 4, i));
    }
    Dataset<Row> all = LocalSpark.session().createDataFrame(rows, SCHEMA).repartition(1);
    for (List<String> by : List.of(List.of("a.b"), List.<String>of())) {
      Dataset<Row> together = Rows.together(all, by);
      assertEquals(List.of("a.b", "order"), List.of(together.columns()));
      int[] last = {-1, -1, -1, -1};
      for (Row row : together.collectAsList()) {
        assertTrue(row.getInt(1) > last[row.getInt(0)], row.toString());
        last[row.getInt(0)] = row.getInt(1);
      }
      String plan =
          ((org.apache.spark.sql.classic.Dataset<Row>) together)
              .queryExecution()
              .executedPlan()
              .toString();
      assertTrue(plan.contains("Sort [order_"), plan);
    }
  }
}
