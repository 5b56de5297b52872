package dev.unfold.kernels.vector;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/// The flags that the JVM runs with, as it has set them in the end.
///
/// The module that tells them may be absent: then this class cannot be used, which shows as a [LinkageError].
final class VirtualMachineFlags {
  private VirtualMachineFlags() {}

  /// The value of a flag; null if this JVM has none of that name.
  static String value(String name) {
    HotSpotDiagnosticMXBean flags =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    try {
      return flags == null ? null : flags.getVMOption(name).getValue();
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
