package dev.unfold.kernels.scalar;

import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.MemoryContract;
import dev.unfold.kernels.PointwiseContract;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.ProductContract;
import dev.unfold.kernels.RowsContract;
import dev.unfold.kernels.SoftmaxContract;
import org.junit.jupiter.api.Nested;

/// The scalar backend keeps the contract of all backends, in both precisions.
class ScalarKernelsTest {
  private static Kernels scalar(Precision precision) {
    return Backends.named("scalar", precision);
  }

  @Nested
  class FloatProducts extends ProductContract {
    FloatProducts() {
      super(scalar(Precision.FLOAT));
    }
  }

  @Nested
  class DoubleProducts extends ProductContract {
    DoubleProducts() {
      super(scalar(Precision.DOUBLE));
    }
  }

  @Nested
  class FloatPointwise extends PointwiseContract {
    FloatPointwise() {
      super(scalar(Precision.FLOAT));
    }
  }

  @Nested
  class DoublePointwise extends PointwiseContract {
    DoublePointwise() {
      super(scalar(Precision.DOUBLE));
    }
  }

  @Nested
  class FloatRows extends RowsContract {
    FloatRows() {
      super(scalar(Precision.FLOAT));
    }
  }

  @Nested
  class DoubleRows extends RowsContract {
    DoubleRows() {
      super(scalar(Precision.DOUBLE));
    }
  }

  @Nested
  class FloatSoftmax extends SoftmaxContract {
    FloatSoftmax() {
      super(scalar(Precision.FLOAT));
    }
  }

  @Nested
  class DoubleSoftmax extends SoftmaxContract {
    DoubleSoftmax() {
      super(scalar(Precision.DOUBLE));
    }
  }

  @Nested
  class FloatMemory extends MemoryContract {
    FloatMemory() {
      super(scalar(Precision.FLOAT));
    }
  }

  @Nested
  class DoubleMemory extends MemoryContract {
    DoubleMemory() {
      super(scalar(Precision.DOUBLE));
    }
  }
}
