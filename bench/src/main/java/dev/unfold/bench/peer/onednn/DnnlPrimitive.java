package dev.unfold.bench.peer.onednn;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Map;

/// A primitive with its arguments, ready to run.
@SuppressWarnings("restricted")
final class DnnlPrimitive {
  private static final int ARGUMENT_BYTES = 16;

  private final MethodHandle execute;
  private final MethodHandle await;
  private final MemorySegment primitive;
  private final MemorySegment stream;
  private final MemorySegment arguments;
  private final int count;

  /// @param descriptor the primitive's
  /// @param arguments memory by the numbers of `DNNL_ARG`
  DnnlPrimitive(Dnnl dnnl, MemorySegment descriptor, Map<Integer, DnnlMemory> arguments) {
    Linker linker = Linker.nativeLinker();
    execute =
        linker.downcallHandle(
            dnnl.symbol("dnnl_primitive_execute"),
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT, ADDRESS));
    await =
        linker.downcallHandle(
            dnnl.symbol("dnnl_stream_wait"), FunctionDescriptor.of(JAVA_INT, ADDRESS));
    primitive = dnnl.create("dnnl_primitive_create", descriptor);
    stream = dnnl.stream();
    count = arguments.size();
    this.arguments = Arena.global().allocate((long) count * ARGUMENT_BYTES, 8);
    long offset = 0;
    for (Map.Entry<Integer, DnnlMemory> argument : arguments.entrySet()) {
      this.arguments.set(JAVA_INT, offset, argument.getKey());
      this.arguments.set(ADDRESS, offset + 8, argument.getValue().memory());
      offset += ARGUMENT_BYTES;
    }
  }

  /// Copies `from` into the layout of `to`.
  static DnnlPrimitive reorder(Dnnl dnnl, DnnlMemory from, DnnlMemory to) {
    MemorySegment descriptor =
        dnnl.create(
            "dnnl_reorder_primitive_desc_create",
            from.descriptor(),
            dnnl.engine(),
            to.descriptor(),
            dnnl.engine(),
            MemorySegment.NULL);
    return new DnnlPrimitive(dnnl, descriptor, Map.of(Argument.FROM, from, Argument.TO, to));
  }

  /// Runs it, and waits until it is done.
  void run() {
    int status;
    try {
      status = (int) execute.invokeExact(primitive, stream, count, arguments);
      status |= (int) await.invokeExact(stream);
    } catch (Throwable e) {
      throw new IllegalStateException("oneDNN", e);
    }
    if (status != 0) {
      throw new IllegalStateException("oneDNN: running a primitive returned status " + status);
    }
  }
}
