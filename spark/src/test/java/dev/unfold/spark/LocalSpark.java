package dev.unfold.spark;

import org.apache.spark.sql.SparkSession;

/// A Spark of this process, which all tests of it share, with the serializer that many set. Executors of their own have
/// that of Java.
final class LocalSpark {
  private LocalSpark() {}

  static SparkSession session() {
    return SparkSession.builder()
        .master("local[2]")
        .appName("unfold")
        .config("spark.ui.enabled", "false")
        .config("spark.serializer", "org.apache.spark.serializer.KryoSerializer")
        .config("spark.sql.shuffle.partitions", "3")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate();
  }
}
