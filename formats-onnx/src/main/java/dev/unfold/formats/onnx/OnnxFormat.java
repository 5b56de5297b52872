package dev.unfold.formats.onnx;

import dev.unfold.formats.exchange.ExportOptions;
import dev.unfold.formats.exchange.ImportOptions;
import dev.unfold.formats.exchange.Imported;
import dev.unfold.formats.exchange.ModelFormat;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.onnx.read.OnnxReader;
import dev.unfold.formats.onnx.write.OnnxWriter;
import java.nio.file.Path;
import java.util.List;

/// ONNX: graphs of operators, which most runtimes of other languages and devices read.
public final class OnnxFormat implements ModelFormat {
  @Override
  public String name() {
    return "onnx";
  }

  @Override
  public List<String> endings() {
    return List.of(".onnx");
  }

  @Override
  public List<String> write(Path file, Model model, ExportOptions options) {
    ModelFormat.expectZeroStart(model);
    return OnnxWriter.write(file, model, options);
  }

  @Override
  public Imported read(Path file, ImportOptions options) {
    return OnnxReader.read(file, options);
  }
}
