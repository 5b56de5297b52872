package dev.unfold.spark;

import dev.unfold.formats.model.Model;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.lang.ref.SoftReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/// A model as the bytes of its file, which is what travels: each process reads them once.
///
/// @param bytes of a safetensors file; nobody may change them
/// @param digest of these
record ModelBytes(byte[] bytes, String digest) implements Serializable {
  private static final Path NAME = Path.of("model.safetensors");

  /// Models that are kept, which may be of a million keys.
  private static final int MOST = 256;

  private static final Map<String, Kept> READ =
      new LinkedHashMap<>(MOST, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Kept> eldest) {
          return size() > MOST;
        }
      };

  /// What was made of a model. Who makes it holds up those alone who want the same.
  private static final class Kept {
    private SoftReference<Object> made = new SoftReference<>(null);

    synchronized Object get(Supplier<Object> making) {
      Object known = made.get();
      if (known == null) {
        known = making.get();
        made = new SoftReference<>(known);
      }
      return known;
    }
  }

  static ModelBytes of(byte[] bytes) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      return new ModelBytes(bytes.clone(), HexFormat.of().formatHex(digest));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  /// What computes in this process.
  static Kernels kernels(String backend) {
    return backend.equals("auto")
        ? Backends.best(Precision.FLOAT)
        : Backends.named(backend, Precision.FLOAT);
  }

  /// The model, made once in a process as long as there is memory for it.
  ///
  /// @param type of what is made
  /// @param make of the name in messages and the model that was read
  <T> T read(Class<T> type, BiFunction<Path, Model, T> make) {
    Kept kept;
    synchronized (READ) {
      kept = READ.computeIfAbsent(type.getName() + digest, _ -> new Kept());
    }
    return type.cast(kept.get(() -> make.apply(NAME, model())));
  }

  private Model model() {
    try {
      Path file = Files.createTempFile("unfold-", ".safetensors");
      try {
        Files.write(file, bytes);
        return ModelFile.load(file, kernels("auto"));
      } finally {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("model: cannot be copied: " + e.getMessage(), e);
    }
  }
}
