package dev.unfold.formats.onnx;

import dev.unfold.formats.exchange.ExportOptions;
import dev.unfold.formats.exchange.GateOrders;
import dev.unfold.formats.exchange.ImportOptions;
import dev.unfold.formats.exchange.Imported;
import dev.unfold.formats.exchange.ModelFormat;
import dev.unfold.formats.graph.GraphTensor;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.onnx.read.OnnxFile;
import dev.unfold.formats.onnx.read.OnnxReader;
import dev.unfold.formats.onnx.write.OnnxWriter;
import dev.unfold.formats.safetensors.FormatException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

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
    OnnxFile whole = OnnxFile.read(file);
    Imported read = OnnxReader.read(whole, options);
    Map<String, String> own = OnnxReader.own(whole);
    return own.isEmpty() || isWhole(read, own) ? read : asItWas(read, whole, own, options);
  }

  /// Whether the head is the one that Unfold's own metadata say.
  private static boolean isWhole(Imported read, Map<String, String> own) {
    if (!(read.content() instanceof Imported.Content.OfModel of)) {
      return false;
    }
    String head = of.model().network().spec().head().text();
    return own.getOrDefault("head", head).equals(head);
  }

  /// What a file of Unfold's own was, if it can be found.
  private static Imported asItWas(
      Imported read, OnnxFile file, Map<String, String> own, ImportOptions options) {
    List<String> about = read.conventions().subList(0, 1);
    try {
      return new OwnModel(file, own, options.kernels()).read(about);
    } catch (FormatException | IllegalArgumentException e) {
      List<String> conventions = new ArrayList<>(read.conventions());
      conventions.add("written by Unfold, not found again as it was: " + e.getMessage());
      return new Imported(read.content(), conventions, read.origin());
    }
  }

  @Override
  public Map<String, GraphTensor> tensor(Path file) {
    return OnnxFile.readTensor(file);
  }

  @Override
  public GateOrders gates() {
    return GateOrders.ONNX;
  }
}
