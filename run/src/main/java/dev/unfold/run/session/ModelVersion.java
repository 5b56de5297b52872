package dev.unfold.run.session;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Network;
import dev.unfold.model.State;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/// A model under a name, as it is at one time: what learns is another version. Nobody changes its parameters.
///
/// @param name what it is asked for by
/// @param version tells it from all others of the same name: of a file the first 16 digits of its SHA-256
/// @param model the network with what is needed to use it
public record ModelVersion(String name, String version, Model model) {
  private static final int DIGITS = 16;

  /// Checks that there is all.
  public ModelVersion {
    Expect.given("name", name);
    Expect.given("version", version);
    Expect.given("model", model);
    if (name.isEmpty() || version.isEmpty()) {
      throw new Refusal("name, version", "a text for each", "an empty one");
    }
  }

  /// Reads a model file.
  ///
  /// **Errors**: [FormatException] as [ModelFile#load(Path, Kernels)].
  public static ModelVersion load(String name, Path file, Kernels kernels) {
    try {
      String before = stamp(file);
      Model model = ModelFile.load(file, kernels);
      String version = digest(file);
      if (!stamp(file).equals(before)) {
        throw new FormatException(file + ": expected a file that is not changed while it is read");
      }
      return new ModelVersion(name, version, model);
    } catch (IOException e) {
      throw new FormatException(file + ": expected a file that can be read, got " + e, e);
    }
  }

  /// Another one for another file, or for one that was written to.
  private static String stamp(Path file) throws IOException {
    BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
    return now.fileKey() + " " + now.size() + " " + now.lastModifiedTime();
  }

  private static String digest(Path file) {
    try (InputStream bytes =
        new DigestInputStream(Files.newInputStream(file), MessageDigest.getInstance("SHA-256"))) {
      bytes.transferTo(java.io.OutputStream.nullOutputStream());
      byte[] digest = ((DigestInputStream) bytes).getMessageDigest().digest();
      return HexFormat.of().formatHex(digest).substring(0, DIGITS);
    } catch (IOException e) {
      throw new FormatException(file + ": expected a file that can be read, got " + e, e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /// Its network.
  public Network network() {
    return model.network();
  }

  /// Whether a session of `other` can go on with this one: whether the states have the same names and sizes.
  public boolean continues(ModelVersion other) {
    List<String> names = State.names(network().spec());
    return names.equals(State.names(other.network().spec()))
        && widths(network()).equals(widths(other.network()))
        && network().kernels().precision() == other.network().kernels().precision();
  }

  private static List<Integer> widths(Network network) {
    return network.zeroState(1).layers().stream().flatMap(List::stream).map(Matrix::cols).toList();
  }
}
