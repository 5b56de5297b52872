package dev.unfold.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ShippedJarsTest {
  @TempDir private Path folder;

  private Path jar(String path) throws Exception {
    Path jar = folder.resolve(path);
    Files.createDirectories(jar.getParent());
    return Files.writeString(jar, path);
  }

  /// Spark splits lists at commas, and takes the others for patterns and fragments.
  @ParameterizedTest
  @ValueSource(strings = {"a, b", "a#b", "a*", "a?", "{a}", "[a]", "a\\b"})
  void jars_inAFolderWhoseNameMeansSomething_areCopiedForAsLong(String name) throws Exception {
    Path own = jar(name + "/own.jar");
    Path other = jar(name + "/other.jar");
    Path plain = jar("a folder/plain.jar");
    List<Path> copies = new ArrayList<>();
    try (ShippedJars jars = ShippedJars.of(folder, own, Set.of(own, other, plain))) {
      assertEquals(name + "/own.jar", Files.readString(Path.of(jars.main())));
      assertFalse(jars.main().contains(name), jars.main());
      List<String> others = List.of(jars.others().split(",", -1));
      assertEquals(2, others.size(), jars.others());
      assertTrue(others.contains(plain.toString()), jars.others());
      String copy = others.get(1 - others.indexOf(plain.toString()));
      assertEquals(name + "/other.jar", Files.readString(Path.of(copy)));
      copies.addAll(List.of(Path.of(jars.main()), Path.of(copy)));
    }
    for (Path copy : copies) {
      assertFalse(Files.exists(copy), copy.toString());
    }
    assertTrue(Files.exists(own) && Files.exists(other) && Files.exists(plain));
  }

  @Test
  void jars_thatSparkHas_areLeftOutAndFoldersAreJars() throws Exception {
    Path classes = folder.resolve("classes");
    Files.createDirectories(classes.resolve("a"));
    Files.writeString(classes.resolve("a").resolve("B.class"), "b");
    Path home = folder.resolve("spark");
    jar("spark/jars/known.jar");
    Path known = jar("lib/known.jar");
    Path own = jar("lib/own.jar");
    try (ShippedJars jars = ShippedJars.of(home, own, Set.of(known, classes))) {
      assertEquals(own.toString(), jars.main());
      try (ZipFile zip = new ZipFile(jars.others())) {
        assertEquals(List.of("a/B.class"), zip.stream().map(Object::toString).toList());
      }
    }
  }
}
