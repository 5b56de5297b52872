package dev.unfold.bench.peer.onednn;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.stream.Stream;

/// oneDNN's C interface, as far as it is needed here, with an engine and a stream on the CPU.
///
/// Numbers of enumerators are those of `dnnl_types.h` of version 3. Nothing is freed: a process opens one
/// problem and ends.
@SuppressWarnings("restricted")
final class Dnnl {
  static final int ANY = 1;
  static final int ABC = 4;
  static final int ABCD = 5;
  static final int ABCDE = 6;
  static final int FORWARD_TRAINING = 64;
  static final int BACKWARD = 128;
  static final int TANH = 33;
  static final int LEFT_TO_RIGHT = 1;

  private static final int FLOAT = 3;
  private static final int CPU = 1;
  private static final int IN_ORDER = 1;
  private static final int QUERY_IMPLEMENTATION = 8;
  private static final int QUERY_ARGUMENT = 255;
  private static final long ALLOCATE = -1;

  private final Arena arena = Arena.global();
  private final Linker linker = Linker.nativeLinker();
  private final SymbolLookup library;
  private final MemorySegment engine;
  private final MemorySegment stream;

  Dnnl(Path file) {
    library = SymbolLookup.libraryLookup(file, arena);
    engine = create("dnnl_engine_create", CPU, 0L);
    stream = create("dnnl_stream_create", engine, IN_ORDER);
  }

  /// `3.13.0`
  String version() {
    MemorySegment version = ((MemorySegment) call("dnnl_version", ADDRESS)).reinterpret(12);
    return version.getAtIndex(JAVA_INT, 0)
        + "."
        + version.getAtIndex(JAVA_INT, 1)
        + "."
        + version.getAtIndex(JAVA_INT, 2);
  }

  MemorySegment engine() {
    return engine;
  }

  MemorySegment stream() {
    return stream;
  }

  /// A descriptor of floats.
  MemorySegment descriptor(int tag, long... sizes) {
    MemorySegment dims = arena.allocateFrom(JAVA_LONG, sizes);
    return create("dnnl_memory_desc_create_with_tag", sizes.length, dims, FLOAT, tag);
  }

  /// The descriptor that a primitive has chosen for an argument.
  MemorySegment chosen(MemorySegment primitiveDescriptor, int argument) {
    return (MemorySegment)
        call(
            "dnnl_primitive_desc_query_md", ADDRESS, primitiveDescriptor, QUERY_ARGUMENT, argument);
  }

  /// The name of the implementation that was chosen.
  String implementation(MemorySegment primitiveDescriptor) {
    MemorySegment out = arena.allocate(ADDRESS);
    check("dnnl_primitive_desc_query", primitiveDescriptor, QUERY_IMPLEMENTATION, 0, out);
    return out.get(ADDRESS, 0).reinterpret(Long.MAX_VALUE).getString(0);
  }

  boolean equal(MemorySegment descriptor, MemorySegment other) {
    return (int) call("dnnl_memory_desc_equal", JAVA_INT, descriptor, other) != 0;
  }

  /// Memory that the library allocates.
  DnnlMemory memory(MemorySegment descriptor) {
    MemorySegment memory =
        create("dnnl_memory_create", descriptor, engine, MemorySegment.ofAddress(ALLOCATE));
    MemorySegment handle = arena.allocate(ADDRESS);
    check("dnnl_memory_get_data_handle", memory, handle);
    long bytes = (long) call("dnnl_memory_desc_get_size", JAVA_LONG, descriptor);
    return new DnnlMemory(descriptor, memory, handle.get(ADDRESS, 0).reinterpret(bytes));
  }

  /// The same numbers in the layout of `descriptor`.
  DnnlMemory reordered(DnnlMemory from, MemorySegment descriptor) {
    DnnlMemory to = memory(descriptor);
    DnnlPrimitive.reorder(this, from, to).run();
    return to;
  }

  /// Calls a function whose first argument takes what it makes, and whose result is a status.
  MemorySegment create(String function, Object... arguments) {
    MemorySegment out = arena.allocate(ADDRESS);
    check(function, Stream.concat(Stream.of(out), Stream.of(arguments)).toArray());
    return out.get(ADDRESS, 0);
  }

  private void check(String function, Object... arguments) {
    int status = (int) call(function, JAVA_INT, arguments);
    if (status != 0) {
      throw new IllegalStateException("oneDNN: " + function + " returned status " + status);
    }
  }

  private Object call(String function, MemoryLayout result, Object... arguments) {
    MemoryLayout[] layouts = Stream.of(arguments).map(Dnnl::layout).toArray(MemoryLayout[]::new);
    try {
      return linker
          .downcallHandle(library.findOrThrow(function), FunctionDescriptor.of(result, layouts))
          .invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new IllegalStateException("oneDNN: " + function, e);
    }
  }

  private static MemoryLayout layout(Object argument) {
    return switch (argument) {
      case MemorySegment _ -> ADDRESS;
      case Integer _ -> JAVA_INT;
      case Long _ -> JAVA_LONG;
      case Float _ -> JAVA_FLOAT;
      default -> throw new IllegalArgumentException(argument.toString());
    };
  }

  /// Where a function of the library is.
  MemorySegment symbol(String function) {
    return library.findOrThrow(function);
  }
}
