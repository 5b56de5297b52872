package dev.unfold.cli.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What a process takes of the machine's memory.
final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");

  private ProcessMemory() {}

  /// That of this one, in words; where the operating system does not tell, that it is unknown.
  static String text() {
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith("VmRSS:")) {
          long kib = Long.parseLong(line.replaceAll("\\D", ""));
          return "%.0f MiB".formatted(kib / 1024.0);
        }
      }
    } catch (IOException e) {
      System.getLogger(ProcessMemory.class.getName())
          .log(System.Logger.Level.DEBUG, "memory is not told", e);
    }
    return "of unknown size";
  }
}
