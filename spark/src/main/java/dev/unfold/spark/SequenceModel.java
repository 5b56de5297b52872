package dev.unfold.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;

/// What trained models have in common: one file, which the command line and any other process reads as well.
///
/// Saved are `metadata`, as of all of Spark's models, and `model.safetensors`.
///
/// @param <M> the model itself
public abstract class SequenceModel<M extends SequenceModel<M>> extends Model<M>
    implements MLWritable {
  private static final long serialVersionUID = 1;

  private final String uid;
  private final ModelBytes bytes;

  SequenceModel(String uid, ModelBytes bytes) {
    this.uid = uid;
    this.bytes = bytes;
    super();
  }

  @Override
  public final String uid() {
    return uid;
  }

  final ModelBytes bytes() {
    return bytes;
  }

  /// The bytes of its safetensors file.
  public final byte[] file() {
    return bytes.bytes().clone();
  }

  /// Writes its file for other programs.
  public final void saveFile(Path file) throws IOException {
    Files.write(file, bytes.bytes());
  }

  @Override
  public final long estimatedSize() {
    return bytes.bytes().length;
  }

  @Override
  public final MLWriter write() {
    return new ModelWriter(this);
  }
}
