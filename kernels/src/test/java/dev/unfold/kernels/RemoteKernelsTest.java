package dev.unfold.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unfold.kernels.storage.Matrix;
import org.junit.jupiter.api.Test;

/// What memory that is not the host's lets through, and what not: other tests rely on it.
class RemoteKernelsTest {
  private static final Kernels HOST = Backends.named("scalar", Precision.DOUBLE);
  private static final Kernels REMOTE = RemoteKernels.of(HOST);

  private static Matrix numbers(Kernels kernels) {
    Matrix matrix = kernels.allocate(2, 3);
    Matrix here = matrix.toHost();
    for (int i = 0; i < 6; i++) {
      here.set(i / 3, i % 3, i + 1);
    }
    matrix.copy(here);
    return matrix;
  }

  @Test
  void element_ofOtherMemory_isRefused() {
    Matrix remote = numbers(REMOTE);
    String message = "matrix: expected one in the host's memory, got RemoteBuffer[FLOAT64, 6]";
    assertEquals(
        message, assertThrows(IllegalStateException.class, () -> remote.get(0, 0)).getMessage());
    assertEquals(
        message, assertThrows(IllegalStateException.class, () -> remote.set(0, 0, 1)).getMessage());
    assertEquals(message, assertThrows(IllegalStateException.class, remote::host).getMessage());
  }

  @Test
  void toHost_isTheMatrixItselfOrACopy() {
    Matrix host = numbers(HOST);
    assertSame(host, host.toHost());
    Matrix remote = numbers(REMOTE);
    Matrix copy = remote.toHost();
    copy.set(0, 0, 100);
    assertArrayEquals(new double[] {1, 2, 3, 4, 5, 6}, remote.buffer().toArray());
    remote.copy(copy);
    assertArrayEquals(new double[] {100, 2, 3, 4, 5, 6}, remote.buffer().toArray());
    assertNotEquals(host.buffer().getClass(), remote.alike(1, 1).buffer().getClass());
  }

  @Test
  void windows_areCopiedAndClearedAlone() {
    Matrix remote = numbers(REMOTE);
    remote.columns(1, 2).clear();
    remote.rows(1, 1).columns(0, 2).copy(numbers(HOST).rows(0, 1).columns(1, 2));
    assertArrayEquals(new double[] {1, 0, 0, 2, 3, 0}, remote.buffer().toArray());
    remote.copyRow(remote, 1, 0);
    assertArrayEquals(new double[] {2, 3, 0, 2, 3, 0}, remote.buffer().toArray());
  }

  /// Operands of one call may be in memory of each kind.
  @Test
  void operation_onMemoryOfBothKinds_isThatOnOne() {
    Pointwise add = Pointwise.of(Pointwise.Op.ADD);
    for (Kernels kernels : new Kernels[] {HOST, REMOTE}) {
      Matrix target = numbers(REMOTE);
      kernels.prepare(add).run(new Matrix[] {target, numbers(HOST)});
      assertArrayEquals(new double[] {2, 4, 6, 8, 10, 12}, target.buffer().toArray());
      Matrix here = numbers(HOST);
      kernels.prepare(add).run(new Matrix[] {here.columns(1, 1), target.columns(0, 1)});
      assertArrayEquals(new double[] {1, 4, 3, 4, 13, 6}, here.buffer().toArray());
    }
  }
}
