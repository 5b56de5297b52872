import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.attribute.ModuleResolutionAttribute;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import jdk.tools.jlink.internal.PluginRepository;
import jdk.tools.jlink.plugin.Plugin;
import jdk.tools.jlink.plugin.ResourcePool;
import jdk.tools.jlink.plugin.ResourcePoolBuilder;
import jdk.tools.jlink.plugin.ResourcePoolEntry;

/// Makes a small Java: `Link output module...`.
///
/// The descriptor of the vector module carries a mark, for which Java prints a line at each start and archives no boot
/// layer. Here the mark is left out; nothing else of the JDK is changed.
public final class Link implements Plugin {
  private static final String DESCRIPTOR = "/jdk.incubator.vector/module-info.class";

  private boolean found;

  public static void main(String[] args) throws IOException {
    Path output = Path.of(args[0]);
    delete(output);
    Link link = new Link();
    PluginRepository.registerPlugin(link);
    ToolProvider jlink = ToolProvider.findFirst("jlink").orElseThrow();
    List<String> arguments =
        List.of(
            "--add-modules=" + String.join(",", List.of(args).subList(1, args.length)),
            "--no-header-files",
            "--no-man-pages",
            "--output=" + output);
    int exitCode = jlink.run(System.out, System.err, arguments.toArray(String[]::new));
    if (exitCode == 0 && !link.found) {
      System.err.println(DESCRIPTOR + ": expected a mark of incubation in it, found none");
      exitCode = 1;
    }
    Files.writeString(
        output.resolve("CHANGED.txt"),
        """
        This Java was made by jlink from %s %s.

        One file is not as it was there: the descriptor of the module jdk.incubator.vector has no attribute
        ModuleResolution, so that Java does not tell at each start that the module is incubating.
        """
            .formatted(System.getProperty("java.vendor"), Runtime.version()));
    System.exit(exitCode);
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  @Override
  public String getName() {
    return "no-incubation";
  }

  @Override
  public String getDescription() {
    return "Leaves out the mark of incubation.";
  }

  /// Before all others: one of them writes down what the descriptors say, and the order within a kind is open.
  @Override
  public Category getType() {
    return Category.FILTER;
  }

  @Override
  public Set<State> getState() {
    return EnumSet.of(State.AUTO_ENABLED, State.FUNCTIONAL);
  }

  @Override
  public ResourcePool transform(ResourcePool in, ResourcePoolBuilder out) {
    in.transformAndCopy(this::transform, out);
    return out.build();
  }

  private ResourcePoolEntry transform(ResourcePoolEntry entry) {
    if (!entry.path().equals(DESCRIPTOR)) {
      return entry;
    }
    ClassFile format = ClassFile.of();
    byte[] unmarked =
        format.transformClass(
            format.parse(entry.contentBytes()),
            (builder, element) -> {
              if (element instanceof ModuleResolutionAttribute) {
                found = true;
              } else {
                builder.with(element);
              }
            });
    return entry.copyWithContent(unmarked);
  }
}
