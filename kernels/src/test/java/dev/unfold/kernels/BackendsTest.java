package dev.unfold.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.argument.Refusal;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The choice with the scalar backend alone; a backend beside it is tested where there is one.
class BackendsTest {
  @Test
  void best_withoutOtherBackends_isScalar() {
    for (Precision precision : Precision.values()) {
      Backends.Choice choice = Backends.choose(precision);
      assertEquals("scalar", choice.kernels().name());
      assertEquals(precision, choice.kernels().precision());
      assertEquals(List.of(new Backends.Verdict("scalar", Optional.empty())), choice.verdicts());
    }
  }

  /// What cannot be loaded harms no other.
  @Test
  void choose_besideAProviderThatCannotBeLoaded_passesItOver(@TempDir Path folder)
      throws IOException {
    try (URLClassLoader path = services(folder, BackendsTest.class.getClassLoader())) {
      Backends.Choice choice =
          Backends.choose(ServiceLoader.load(KernelsProvider.class, path), Precision.DOUBLE);
      assertEquals("scalar", choice.kernels().name());
      Backends.Verdict broken = choice.verdicts().getLast();
      assertEquals("broken", broken.name());
      assertTrue(broken.refusal().orElseThrow().contains("nowhere.Provider"), broken::toString);
    }
  }

  @Test
  void choose_withoutAnyBackend_saysWhy(@TempDir Path folder) throws IOException {
    try (URLClassLoader path = services(folder, ClassLoader.getPlatformClassLoader())) {
      Refusal error =
          assertThrows(
              Refusal.class,
              () ->
                  Backends.choose(
                      ServiceLoader.load(KernelsProvider.class, path), Precision.FLOAT));
      String message = error.getMessage();
      assertTrue(message.startsWith("backend: expected one that can compute here"), message);
      assertTrue(message.contains("got none, broken: cannot be loaded"), message);
    }
  }

  private static URLClassLoader services(Path folder, ClassLoader parent) throws IOException {
    Path file = folder.resolve("META-INF/services/" + KernelsProvider.class.getName());
    Files.createDirectories(file.getParent());
    Files.writeString(file, "nowhere.Provider");
    return new URLClassLoader(new URL[] {folder.toUri().toURL()}, parent);
  }

  @Test
  void named_unknown_listsTheNames() {
    var thrown =
        assertThrows(
            IllegalArgumentException.class, () -> Backends.named("abacus", Precision.FLOAT));
    assertEquals("backend: expected one of scalar, got abacus", thrown.getMessage());
  }
}
