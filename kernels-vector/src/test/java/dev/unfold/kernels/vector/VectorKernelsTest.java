package dev.unfold.kernels.vector;

import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.MemoryContract;
import dev.unfold.kernels.PointwiseContract;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.ProductContract;
import dev.unfold.kernels.RowsContract;
import dev.unfold.kernels.SoftmaxContract;
import dev.unfold.kernels.vector.lanes.Trial;
import org.junit.jupiter.api.Nested;

/// The vector backend keeps the contract of all backends, with its vectors; that its plain loops give the same bits is
/// told by [PlainLoopsTest].
class VectorKernelsTest {
  private static Kernels vector() {
    Trial.skipAll();
    return Backends.named("vector", Precision.FLOAT);
  }

  @Nested
  class Products extends ProductContract {
    Products() {
      super(vector());
    }
  }

  @Nested
  class Pointwises extends PointwiseContract {
    Pointwises() {
      super(vector());
    }
  }

  @Nested
  class Rows extends RowsContract {
    Rows() {
      super(vector());
    }
  }

  @Nested
  class Softmaxes extends SoftmaxContract {
    Softmaxes() {
      super(vector());
    }
  }

  @Nested
  class Memories extends MemoryContract {
    Memories() {
      super(vector());
    }
  }
}
