package dev.unfold.kernels.vector.pointwise;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Instruction;
import dev.unfold.kernels.Pointwise.Kind;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Where the JIT compiler does not inline a function to its end, each vector of what is left is an object.
final class FunctionAllocationTest {
  private static final int COLS = 4096;

  private static final int RUNS = 100;

  /// Objects of a run that are none of its 256 vectors or more, each of which would be of 48 bytes or more.
  private static final long BYTES = 500;

  /// How long the compiler may take on a busy machine.
  private static final long PATIENCE = 60_000_000_000L;

  @ParameterizedTest
  @EnumSource(
      value = Op.class,
      names = {"SIGMOID", "TANH", "EXP", "LOG", "SOFTPLUS"})
  void function_onceItIsCompiled_allocatesNothing(Op op) {
    Slot x = new Slot(Kind.OPERAND, 0);
    Instruction instruction = new Instruction(op, new Slot(Kind.OPERAND, 1), x, x);
    VectorPointwise program =
        new VectorPointwise(new Pointwise(2, List.of(), 0, 0, List.of(instruction)));
    Matrix[] matrices = {
      Matrix.allocate(ElementType.FLOAT32, 1, COLS), Matrix.allocate(ElementType.FLOAT32, 1, COLS)
    };
    for (int i = 0; i < COLS; i++) {
      matrices[0].set(0, i, (i + 1) * 1e-3);
    }
    long begun = System.nanoTime();
    long bytes;
    do {
      bytes = allocated(program, matrices);
    } while (bytes > RUNS * BYTES && System.nanoTime() - begun < PATIENCE);
    long last = bytes;
    assertTrue(bytes <= RUNS * BYTES, () -> op + ": " + last + " bytes in as many runs");
  }

  /// Bytes of [#RUNS] runs.
  private static long allocated(VectorPointwise program, Matrix... matrices) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int run = 0; run < RUNS; run++) {
      program.run(matrices);
    }
    return threads.getCurrentThreadAllocatedBytes() - before;
  }
}
