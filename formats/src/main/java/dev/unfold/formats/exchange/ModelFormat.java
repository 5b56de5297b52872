package dev.unfold.formats.exchange;

import dev.unfold.argument.Refusal;
import dev.unfold.formats.graph.GraphTensor;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.formats.safetensors.WriteException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// A format of files in which other programs keep models. Modules that need not be there bring some of them, as
/// services; [ModelFormats] finds them.
public interface ModelFormat {
  /// What people call it, such as `onnx`.
  String name();

  /// What the names of its files end with, such as `.onnx`.
  List<String> endings();

  /// Writes a model to a file, whole or not at all. A file of that name is replaced; who wants to keep it has to look
  /// first, as the command line does. The random masks that the network was trained with are not written.
  ///
  /// @return what a user should know of the file: names and shapes of inputs and outputs, a line each
  ///
  /// **Errors**: [IllegalArgumentException] that names what the format cannot hold; [WriteException] if the file cannot
  /// be written.
  List<String> write(Path file, Model model, ExportOptions options);

  /// Reads a model, whose file may come from anybody: nothing is allocated beyond what its size warrants, and nothing
  /// in it is run. Each setting that is of use is asked for.
  ///
  /// **Errors**: [FormatException] for a file that is missing, damaged, or holds what cannot be read here, by name and
  /// reason.
  Imported read(Path file, ImportOptions options);

  /// The tensor in a file of its own, by its name, which may be empty.
  ///
  /// **Errors**: [FormatException] if it is none, or if the format has no such files.
  default Map<String, GraphTensor> tensor(Path file) {
    throw new FormatException(file + ": expected a model, which " + name() + " alone has in files");
  }

  /// In which order its files have the gates of standard layers.
  default GateOrders gates() {
    return GateOrders.TORCH;
  }

  /// Checks that a model's states begin at zero, as they do in each of these formats.
  ///
  /// **Errors**: [IllegalArgumentException] if they follow from static columns.
  static void expectZeroStart(Model model) {
    if (model.network().spec().start().isPresent()) {
      throw new Refusal(
          "model", "one whose states begin at zero", "one whose states start from static columns");
    }
  }
}
