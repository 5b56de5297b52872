package dev.unfold.bench.peer.pytorch;

import dev.unfold.bench.problem.CellKind;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// Tensors from and to arrays, and the functions that are behind `nn.RNN`, `nn.GRU` and `nn.LSTM`.
final class Torch {
  private Torch() {}

  static Tensor tensor(float[] values, long... sizes) {
    return torch.from_blob(new FloatPointer(values), sizes).clone();
  }

  /// Of whole numbers.
  static Tensor tensor(long[] values, long... sizes) {
    TensorOptions options = new TensorOptions(torch.ScalarType.Long);
    return torch.from_blob(new LongPointer(values), sizes, options).clone();
  }

  /// One that a gradient is wanted of.
  static Tensor leaf(float[] values, long... sizes) {
    return tensor(values, sizes).requires_grad_(true);
  }

  static float[] values(Tensor tensor) {
    float[] values = new float[Math.toIntExact(tensor.numel())];
    new FloatPointer(tensor.contiguous().data_ptr()).get(values);
    return values;
  }

  /// A layer over all steps, for training.
  ///
  /// @param states before the first step
  /// @param parameters weights and biases in PyTorch's order
  /// @return output and final states
  static List<Tensor> layer(
      CellKind cell, Tensor input, TensorVector states, TensorVector parameters) {
    return switch (cell) {
      case ELMAN ->
          both(torch.rnn_tanh(input, states.get(0), parameters, true, 1, 0, true, false, false));
      case GRU -> both(torch.gru(input, states.get(0), parameters, true, 1, 0, true, false, false));
      case LSTM -> {
        T_TensorTensorTensor_T result =
            torch.lstm(input, states, parameters, true, 1, 0, true, false, false);
        yield List.of(result.get0(), result.get1(), result.get2());
      }
    };
  }

  private static List<Tensor> both(T_TensorTensor_T result) {
    return List.of(result.get0(), result.get1());
  }
}
