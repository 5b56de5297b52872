package dev.unfold.spark;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWriter;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.SparkSession;

/// Writes a model where Spark says, on any of Hadoop's file systems.
final class ModelWriter extends MLWriter {
  static final String FILE = "model.safetensors";

  private final SequenceModel<?> model;

  ModelWriter(SequenceModel<?> model) {
    this.model = model;
  }

  @Override
  public void saveImpl(String path) {
    DefaultParamsWriter.saveMetadata(model, path, sparkSession());
    Path file = new Path(path, FILE);
    try (OutputStream out = fileSystem(file, sparkSession()).create(file, false)) {
      out.write(model.bytes().bytes());
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be written: " + e.getMessage(), e);
    }
  }

  private static FileSystem fileSystem(Path file, SparkSession session) throws IOException {
    return file.getFileSystem(session.sessionState().newHadoopConf());
  }

  /// Makes a model of its file.
  interface Making<M> {
    M make(String uid, byte[] file);
  }

  /// Reads what was written.
  static final class Reader<M extends Model<M>> extends MLReader<M> {
    private final Class<M> type;
    private final Making<M> making;

    Reader(Class<M> type, Making<M> making) {
      this.type = type;
      this.making = making;
    }

    @Override
    public M load(String path) {
      DefaultParamsReader.Metadata metadata =
          DefaultParamsReader.loadMetadata(path, sparkSession(), type.getName());
      Path file = new Path(path, FILE);
      try (FSDataInputStream in = fileSystem(file, sparkSession()).open(file)) {
        M model = making.make(metadata.uid(), in.readAllBytes());
        metadata.getAndSetParams(model, metadata.getAndSetParams$default$2());
        return model;
      } catch (IOException e) {
        throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
      }
    }
  }
}
