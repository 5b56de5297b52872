package dev.unfold.formats.torch;

import dev.unfold.formats.safetensors.SafetensorsReader;
import dev.unfold.formats.safetensors.TensorInfo;
import dev.unfold.kernels.storage.HostBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A state dict in a safetensors file.
record SafetensorsDict(SafetensorsReader reader) implements StateDict {
  @Override
  public Map<String, List<Long>> shapes() {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    for (TensorInfo tensor : reader.tensors().values()) {
      shapes.put(tensor.name(), tensor.shape());
    }
    return shapes;
  }

  @Override
  public String dtype(String name) {
    return reader.tensors().get(name).dtype();
  }

  @Override
  public void read(String name, HostBuffer target) {
    reader.read(name, target, 0);
  }

  @Override
  public Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    reader
        .metadata()
        .forEach((name, value) -> {
          if (name.startsWith(StateDictWriter.SETTING)) {
            settings.put(name.substring(StateDictWriter.SETTING.length()), value);
          }
        });
    return settings;
  }

  @Override
  public void close() {
    reader.close();
  }
}
