package dev.unfold.formats.torch;

import dev.unfold.argument.Expect;
import dev.unfold.formats.exchange.ExportOptions;
import dev.unfold.formats.exchange.ImportOptions;
import dev.unfold.formats.exchange.Imported;
import dev.unfold.formats.exchange.ModelFormat;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.formats.safetensors.Quote;
import dev.unfold.formats.safetensors.SafetensorsReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// State dicts of PyTorch: in safetensors files, and in those of `torch.save`, of which nothing is run.
///
/// What is read: one `nn.RNN`, `nn.GRU` or `nn.LSTM` with any prefix, or several one above the other, or their cells,
/// with an embedding before and a linear layer behind them if there are any. Parameters stay the same bit for bit,
/// unless numbers of 64 bits are read for a backend of 32.
///
/// Files that are written here carry `nonlinearity`, `embedding`, `head` and `outputs`, and so are read without
/// settings.
///
/// **Settings**: `prefix` which recurrent modules, with commas in the order in which they run; `nonlinearity` of an
/// `nn.RNN`, tanh or relu, or its `cell`, elman or elman_relu; `embedding` and `head` which matrices these are, or
/// `none`; `outputs` what the outputs mean, as [dev.unfold.head.Head#parse] reads it; `rest=ignore` to leave out all
/// other tensors; `dict` the key of the state dict in a file with several.
public final class TorchFormat implements ModelFormat {
  private static final String SAFETENSORS = ".safetensors";
  private static final List<String> PICKLED = List.of(".pt", ".pth");

  @Override
  public String name() {
    return "torch";
  }

  @Override
  public List<String> endings() {
    return List.of(".pt", ".pth", SAFETENSORS);
  }

  /// Whether the name of `file` ends as those of `torch.save` do.
  private static boolean isPickled(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    return PICKLED.stream().anyMatch(name::endsWith);
  }

  /// Writes a state dict: of `torch.save` if the file's name ends with `.pt` or `.pth`, else safetensors.
  @Override
  public List<String> write(Path file, Model model, ExportOptions options) {
    Expect.given("file", file);
    Expect.given("model", model);
    Expect.given("options", options);
    ModelFormat.expectZeroStart(model);
    StateDictWriter writer = new StateDictWriter(model.network().withWholeMatrices());
    if (isPickled(file)) {
      PickleFile.write(file, writer.tensors(), writer.settings());
      return writer.lines("torch.load(\"%s\", weights_only=True)".formatted(file.getFileName()));
    }
    writer.writeSafetensors(file);
    return writer.lines("safetensors.torch.load_file(\"%s\")".formatted(file.getFileName()));
  }

  /// Reads a state dict, or a model of Unfold's own.
  @Override
  public Imported read(Path file, ImportOptions options) {
    Expect.given("file", file);
    Expect.given("options", options);
    if (!isPickled(file) && ModelFile.isModel(file)) {
      return new Imported(
          ModelFile.load(file, options.kernels()), List.of("a model that Unfold wrote"));
    }
    try (StateDict dict =
        isPickled(file)
            ? PickledDict.open(file, options.setting("dict"))
            : new SafetensorsDict(SafetensorsReader.open(file))) {
      return read(file, dict, options);
    }
  }

  /// What the file says about itself and the user does not.
  private static Map<String, String> ownSettings(StateDict dict, ImportOptions options) {
    Map<String, String> own = new TreeMap<>(dict.settings());
    own.keySet().retainAll(StateDictReader.OWN);
    own.keySet().removeAll(options.settings().keySet());
    own.values().removeIf(value -> value.chars().anyMatch(Character::isISOControl));
    return own;
  }

  private static Imported read(Path file, StateDict dict, ImportOptions options) {
    try {
      Map<String, String> own = ownSettings(dict, options);
      Imported read = new StateDictReader(file.toString(), dict, options.withDefaults(own)).read();
      if (own.isEmpty()) {
        return read;
      }
      List<String> conventions = new ArrayList<>(read.conventions());
      conventions.addFirst("said by the file: " + Quote.plain(own.toString()));
      return new Imported(read.model(), conventions);
    } catch (IllegalArgumentException e) {
      throw new FormatException(file + ": " + e.getMessage(), e);
    }
  }
}
