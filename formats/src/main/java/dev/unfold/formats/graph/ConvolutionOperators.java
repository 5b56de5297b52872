package dev.unfold.formats.graph;

import java.util.Arrays;
import java.util.Map;

/// Convolutions over any number of axes, and the same the other way.
final class ConvolutionOperators {
  private ConvolutionOperators() {}

  static void addTo(Map<String, Operator> all) {
    all.put("Conv", Operator.of(2, 3, ConvolutionOperators::conv));
    all.put("ConvTranspose", Operator.of(2, 3, ConvolutionOperators::convTranspose));
  }

  /// How the window moves.
  private record Window(
      int[] kernel, int[] strides, int[] dilations, int[] before, int[] after, int groups) {
    /// How many numbers the window spans along an axis.
    long span(int d) {
      return (kernel[d] - 1L) * dilations[d] + 1;
    }
  }

  private static Window window(Call call, GraphTensor of, GraphTensor weights) {
    int axes = of.rank() - 2;
    if (axes < 1 || weights.rank() != of.rank() || weights.type() != of.type()) {
      throw call.refuse(
          "inputs", "[N, C, ...] and weights of one type and rank", of + " and " + weights);
    }
    int[] kernel = Arrays.copyOfRange(weights.sizes(), 2, weights.rank());
    int[] declared = sizes(call, "kernel_shape", axes, 1);
    if (call.wholes("kernel_shape") != null && !Arrays.equals(kernel, declared)) {
      throw call.refuse("kernel_shape", Arrays.toString(kernel), Arrays.toString(declared));
    }
    for (int size : kernel) {
      if (size == 0) {
        throw call.refuse("input 1", "a window of 1 or more", weights);
      }
    }
    long groups = call.whole("group", 1);
    if (groups < 1 || of.size(1) % groups != 0) {
      throw call.refuse("group", "a divisor of the " + of.size(1) + " channels", groups);
    }
    int[] pads = sizes(call, "pads", 2 * axes, 0);
    int[] before = Arrays.copyOf(pads, axes);
    int[] after = Arrays.copyOfRange(pads, axes, 2 * axes);
    int[] strides = sizes(call, "strides", axes, 1);
    int[] dilations = sizes(call, "dilations", axes, 1);
    for (int d = 0; d < axes; d++) {
      if (strides[d] == 0 || dilations[d] == 0) {
        throw call.refuse("strides, dilations", "1 or more", 0);
      }
    }
    return new Window(kernel, strides, dilations, before, after, (int) groups);
  }

  private static int[] sizes(Call call, String key, int count, int otherwise) {
    long[] list = call.wholes(key);
    int[] sizes = new int[count];
    if (list == null) {
      Arrays.fill(sizes, otherwise);
      return sizes;
    }
    if (list.length != count) {
      throw call.refuse(key, count + " numbers", Arrays.toString(list));
    }
    Arrays.setAll(sizes, i -> call.size(key, list[i]));
    return sizes;
  }

  private static GraphTensor conv(Call call) {
    GraphTensor of = call.real(0);
    GraphTensor weights = call.real(1);
    Window window = window(call, of, weights);
    int inGroup = of.size(1) / window.groups();
    int channels = weights.size(0);
    if (weights.size(1) != inGroup || channels % window.groups() != 0) {
      throw call.refuse("input 1", "[M, C/group=%d, ...]".formatted(inGroup), weights);
    }
    int[] shape = of.sizes().clone();
    shape[1] = channels;
    for (int d = 0; d < window.kernel().length; d++) {
      shape[2 + d] = convolved(call, window, d, of.size(2 + d));
    }
    double[] numbers = call.reals(shape);
    double[] bias = bias(call, of.type(), channels);
    int[] inner = Arrays.copyOfRange(shape, 2, shape.length);
    int[] at = new int[inner.length];
    int steps = Places.product(inner, 0, inner.length);
    int[] places = new int[Places.product(window.kernel(), 0, window.kernel().length)];
    int source = Places.product(of.sizes(), 2, of.rank());
    for (int s = 0; s < steps; s++) {
      sources(window, of, at, places);
      for (int n = 0; n < of.size(0); n++) {
        for (int m = 0; m < channels; m++) {
          int first = n * of.size(1) + m / (channels / window.groups()) * inGroup;
          double sum = bias[m];
          for (int c = 0; c < inGroup; c++) {
            for (int k = 0; k < places.length; k++) {
              if (places[k] >= 0) {
                sum +=
                    weights.real((m * inGroup + c) * places.length + k)
                        * of.real((first + c) * source + places[k]);
              }
            }
          }
          numbers[(n * channels + m) * steps + s] = sum;
        }
      }
      ShapeOperators.next(at, inner);
    }
    return GraphTensor.ofReals(of.type(), shape, numbers);
  }

  private static double[] bias(Call call, NumberType type, int channels) {
    return call.has(2) ? call.shaped(2, type, "[M]", channels).reals() : new double[channels];
  }

  /// The size along an axis after the window has gone over it; sets what is around it if the node leaves that open.
  private static int convolved(Call call, Window window, int d, int size) {
    String mode = call.text("auto_pad", "NOTSET");
    int stride = window.strides()[d];
    switch (mode) {
      case "NOTSET" -> {}
      case "VALID" -> {
        window.before()[d] = 0;
        window.after()[d] = 0;
      }
      case "SAME_UPPER", "SAME_LOWER" -> {
        long all = Math.max(0, (Math.ceilDiv(size, stride) - 1L) * stride + window.span(d) - size);
        int total = call.size("pads", all);
        window.before()[d] = mode.equals("SAME_LOWER") ? total - total / 2 : total / 2;
        window.after()[d] = total - window.before()[d];
      }
      default -> throw call.refuse("auto_pad", "NOTSET, VALID, SAME_UPPER or SAME_LOWER", mode);
    }
    long room = (long) size + window.before()[d] + window.after()[d] - window.span(d);
    if (room < 0) {
      throw call.refuse("input 0", "as much as the window spans, " + window.span(d), size);
    }
    return call.size("output", room / stride + 1);
  }

  /// Where each number below the window lies, -1 for outside, if the window's output is at `at`.
  private static void sources(Window window, GraphTensor of, int[] at, int[] places) {
    int[] within = new int[at.length];
    for (int k = 0; k < places.length; k++) {
      long place = 0;
      for (int d = 0; d < at.length && place >= 0; d++) {
        long source =
            (long) at[d] * window.strides()[d]
                + (long) within[d] * window.dilations()[d]
                - window.before()[d];
        place = source < 0 || source >= of.size(2 + d) ? -1 : place * of.size(2 + d) + source;
      }
      places[k] = (int) place;
      ShapeOperators.next(within, window.kernel());
    }
  }

  private static GraphTensor convTranspose(Call call) {
    GraphTensor of = call.real(0);
    GraphTensor weights = call.real(1);
    Window window = window(call, of, weights);
    if (!call.text("auto_pad", "NOTSET").equals("NOTSET") || call.wholes("output_shape") != null) {
      throw call.refuse("auto_pad, output_shape", "pads alone", "others");
    }
    int axes = window.kernel().length;
    int outGroup = weights.size(1);
    int channels = call.size("channels", (long) outGroup * window.groups());
    if (weights.size(0) != of.size(1)) {
      throw call.refuse("input 1", "[C=%d, M/group, ...]".formatted(of.size(1)), weights);
    }
    int[] more = sizes(call, "output_padding", axes, 0);
    int[] shape = of.sizes().clone();
    shape[1] = channels;
    for (int d = 0; d < axes; d++) {
      long size =
          (of.size(2 + d) - 1L) * window.strides()[d]
              + window.span(d)
              + more[d]
              - window.before()[d]
              - window.after()[d];
      shape[2 + d] = call.size("output", size);
    }
    double[] numbers = call.reals(shape);
    double[] bias = bias(call, of.type(), channels);
    int target = Places.product(shape, 2, shape.length);
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = bias[i / target % channels];
    }
    int[] inner = Arrays.copyOfRange(of.sizes(), 2, of.rank());
    int steps = Places.product(inner, 0, axes);
    int[] at = new int[axes];
    int[] places = new int[Places.product(window.kernel(), 0, axes)];
    GraphTensor result = GraphTensor.ofReals(NumberType.FLOAT64, shape, numbers);
    int inGroup = of.size(1) / window.groups();
    for (int s = 0; s < steps; s++) {
      sources(window, result, at, places);
      for (int row = 0; row < of.size(0) * of.size(1); row++) {
        int n = row / of.size(1);
        int c = row % of.size(1);
        double number = of.real(row * steps + s);
        int first = n * channels + c / inGroup * outGroup;
        for (int m = 0; m < outGroup; m++) {
          for (int k = 0; k < places.length; k++) {
            if (places[k] >= 0) {
              numbers[(first + m) * target + places[k]] +=
                  number * weights.real((c * outGroup + m) * places.length + k);
            }
          }
        }
      }
      ShapeOperators.next(at, inner);
    }
    return GraphTensor.ofReals(of.type(), shape, numbers);
  }
}
