package dev.unfold.run.output;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/// What this process takes of the machine's memory.
public final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final int KIB = 1024;

  private ProcessMemory() {}

  /// Bytes that are in memory now; nothing where the operating system does not tell.
  public static OptionalLong resident() {
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith("VmRSS:")) {
          return OptionalLong.of(KIB * Long.parseLong(line.replaceAll("\\D", "")));
        }
      }
    } catch (IOException e) {
      System.getLogger(ProcessMemory.class.getName())
          .log(System.Logger.Level.DEBUG, "memory is not told", e);
    }
    return OptionalLong.empty();
  }
}
