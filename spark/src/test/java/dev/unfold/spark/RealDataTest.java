package dev.unfold.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.unfold.cli.Program;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Data that are not part of the project: the folder named by the environment variable `UNFOLD_DATA`, or else
/// `../shared/data` beside the repository.
@Tag("slow")
final class RealDataTest {
  @TempDir private Path folder;

  private static Path data(String name) {
    String said = System.getenv("UNFOLD_DATA");
    Path root = Path.of("").toAbsolutePath().getParent();
    Path data =
        said == null || said.isBlank()
            ? root.resolveSibling("shared").resolve("data")
            : root.resolve(said);
    Path own = data.resolve(name);
    if (!Files.exists(own)) {
      System.err.println("SKIPPED a test with real data: there is no " + own);
    }
    assumeTrue(Files.exists(own), () -> "no " + own);
    return own;
  }

  /// The command line in this process, which writes a model.
  private byte[] alone(String... arguments) throws Exception {
    Path model = folder.resolve("alone.safetensors");
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--threads", "1", "--out", model.toString()));
    StringWriter err = new StringWriter();
    int code =
        new Program()
            .run(
                new PrintWriter(new StringWriter()),
                new PrintWriter(err),
                all.toArray(String[]::new))
            .code();
    assertEquals(0, code, err::toString);
    return numbers(Files.readAllBytes(model));
  }

  /// The tensors of a safetensors file, without what is said of them.
  private static byte[] numbers(byte[] file) {
    long header = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    return Arrays.copyOfRange(file, Math.toIntExact(Long.BYTES + header), file.length);
  }

  @Test
  void m4Weekly_asParquetByTwoWorkers_isTheModelOfTheCommandLine() throws Exception {
    SparkSession session = LocalSpark.session();
    List<Row> rows = new ArrayList<>();
    for (String line : Files.readAllLines(data("m4-weekly").resolve("Weekly-train.csv"))) {
      String[] values = line.replace("\"", "").split(",", -1);
      for (int t = 1; t < values.length && !values[0].equals("V1"); t++) {
        if (!values[t].isEmpty()) {
          rows.add(RowFactory.create(values[0], t, Double.parseDouble(values[t])));
        }
      }
    }
    StructType schema =
        new StructType()
            .add("id", DataTypes.StringType)
            .add("step", DataTypes.IntegerType)
            .add("y", DataTypes.DoubleType);
    Path parquet = folder.resolve("weekly");
    session.createDataFrame(rows, schema).coalesce(1).write().parquet(parquet.toString());
    Path file;
    try (Stream<Path> files = Files.list(parquet)) {
      file = files.filter(each -> each.toString().endsWith(".parquet")).findFirst().orElseThrow();
    }
    byte[] alone =
        alone(
            "train",
            "series",
            file.toString(),
            "--by",
            "id",
            "--time",
            "step",
            "--target",
            "y",
            "--horizon",
            "13",
            "--season",
            "52",
            "--epochs",
            "2",
            "--blocks",
            "2");

    Dataset<Row> weekly = session.read().parquet(parquet.toString()).coalesce(1);
    SequenceForecastModel model =
        new SequenceForecaster()
            .setBy("id")
            .setTime("step")
            .setTarget("y")
            .setHorizon(13)
            .setSeason("52")
            .setEpochs(2)
            .setWorkers(2)
            .fit(weekly);
    assertArrayEquals(alone, numbers(model.file()));
    assertEquals(359L * 13, model.transform(weekly).count());
  }

  @Test
  void pennTreebank_withAFactoredSoftmaxByTwoWorkers_isTheModelOfTheCommandLine() throws Exception {
    SparkSession session = LocalSpark.session();
    List<String> lines = Files.readAllLines(data("ptb").resolve("ptb.train.txt")).subList(0, 3000);
    Path text = folder.resolve("ptb.txt");
    Files.write(text, lines);
    byte[] alone =
        alone(
            "train",
            "text",
            text.toString(),
            "--unit",
            "word",
            "--cell",
            "lstm",
            "--hidden",
            "64",
            "--wiring",
            "factored",
            "--steps",
            "35",
            "--dropout",
            "0.3",
            "--epochs",
            "1",
            "--blocks",
            "2");
    SequenceLanguageModel model =
        new LanguageModelTrainer()
            .setUnit("word")
            .setCell("lstm")
            .setHidden("64")
            .setWiring("factored")
            .setSteps("35")
            .setDropout("0.3")
            .setEpochs(1)
            .setWorkers(2)
            .fit(session.read().text(text.toString()));
    assertArrayEquals(alone, numbers(model.file()));
  }
}
