import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Puts beside the jars and the Java of an installation what else is in it: `Layout repository installation instant`.
///
/// All files get one time, since an archive of classes serves only jars of the time that it was made from.
final class Layout {
  private static final Set<String> NOT_SOURCES = Set.of("target", "node_modules", "runs");

  private final Path repository;
  private final Path installation;

  private Layout(Path repository, Path installation) {
    this.repository = repository;
    this.installation = installation;
  }

  public static void main(String[] args) throws IOException {
    Layout layout = new Layout(Path.of(args[0]).toRealPath(), Path.of(args[1]));
    layout.launcher();
    layout.sources();
    layout.licences();
    layout.copy("LICENSE", "LICENSE");
    layout.copy("NOTICE", "NOTICE");
    layout.copy("dist/src/README.txt", "README.txt");
    layout.copy("dist/target/bom.json", "share/unfold.cdx.json");
    layout.time(FileTime.from(Instant.parse(args[2])));
  }

  private void copy(String from, String to) throws IOException {
    Path target = installation.resolve(to);
    Files.createDirectories(target.getParent());
    Files.write(target, Files.readAllBytes(repository.resolve(from)));
  }

  /// The line `# shared` stands for what the repository's launcher has between `# begin` and `# end`.
  private void launcher() throws IOException {
    List<String> whole = Files.readAllLines(repository.resolve("unfold"));
    int begin = 0;
    while (!whole.get(begin).startsWith("# begin: ")) {
      begin++;
    }
    List<String> shared = whole.subList(begin + 1, whole.indexOf("# end"));
    List<String> lines =
        new ArrayList<>(Files.readAllLines(repository.resolve("dist/src/bin/unfold")));
    int place = lines.indexOf("# shared");
    lines.remove(place);
    lines.addAll(place, shared);
    String names =
        jars().stream().map(jar -> jar.getFileName().toString()).collect(Collectors.joining(" "));
    lines.replaceAll(line -> line.replace("@jars@", names));
    Path launcher = installation.resolve("bin/unfold");
    Files.createDirectories(launcher.getParent());
    Files.write(launcher, lines);
    Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /// What the demonstration reads in a clone.
  private void sources() throws IOException {
    List<Path> found = new ArrayList<>();
    Files.walkFileTree(
        repository,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            String name = folder.getFileName().toString();
            boolean skip =
                !folder.equals(repository) && (name.startsWith(".") || NOT_SOURCES.contains(name));
            return skip ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            String name = file.toString();
            if (name.endsWith(".md") || name.endsWith(".java")) {
              found.add(repository.relativize(file));
            }
            return FileVisitResult.CONTINUE;
          }
        });
    for (Path file : found) {
      copy(file.toString(), "share/sources/" + file);
    }
  }

  /// A line for each jar that is not ours, and the texts.
  private void licences() throws IOException {
    Map<String, String[]> known = new HashMap<>();
    for (String line : Files.readAllLines(repository.resolve("dist/licences/third-party.tsv"))) {
      if (!line.startsWith("#")) {
        String[] columns = line.split("\t");
        known.put(columns[0], columns);
      }
    }
    List<String> list = new ArrayList<>();
    for (Path jar : jars()) {
      String file = jar.getFileName().toString();
      String name = file.replaceFirst("-\\d.*", "");
      if (name.startsWith("unfold-")) {
        continue;
      }
      String[] columns = known.get(name);
      if (columns == null) {
        throw new IllegalStateException(
            "dist/licences/third-party.tsv: expected a line for " + name + ", found none");
      }
      boolean text = texts(jar, name);
      String own = "dist/licences/" + (columns.length > 3 ? columns[3] : name) + ".txt";
      if (Files.exists(repository.resolve(own))) {
        copy(own, "share/licences/" + name + "/LICENSE");
      } else if (!text) {
        if (!columns[1].equals("Apache-2.0")) {
          throw new IllegalStateException(
              own + ": expected the licence of " + file + ", which has none in it");
        }
        copy("LICENSE", "share/licences/" + name + "/LICENSE");
      }
      list.add(
          "%s%n    %s%n    %s; see share/licences/%s%n"
              .formatted(file, columns[2], columns[1], name));
    }
    Files.write(installation.resolve("THIRD-PARTY.txt"), list);
  }

  private List<Path> jars() throws IOException {
    try (Stream<Path> files = Files.list(installation.resolve("lib/app"))) {
      return files.sorted().toList();
    }
  }

  /// Whether the jar has its licence in it; what it has is copied.
  private boolean texts(Path jar, String name) throws IOException {
    boolean licensed = false;
    try (JarFile file = new JarFile(jar.toFile())) {
      for (JarEntry entry : Collections.list(file.entries())) {
        String path = entry.getName();
        String last = path.substring(path.lastIndexOf('/') + 1);
        if (path.matches("(META-INF/)?[^/]*(LICENSE|NOTICE)[^/]*")) {
          Path target = installation.resolve("share/licences/" + name + "/" + last);
          Files.createDirectories(target.getParent());
          try (InputStream in = file.getInputStream(entry)) {
            Files.write(target, in.readAllBytes());
          }
          licensed |= last.equals("LICENSE") || last.equals("LICENSE.txt");
        }
      }
    }
    return licensed;
  }

  private void time(FileTime time) throws IOException {
    try (Stream<Path> files = Files.walk(installation)) {
      for (Path file : files.toList()) {
        Files.getFileAttributeView(file, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
            .setTimes(time, null, null);
      }
    }
  }
}
