package dev.unfold.formats.exchange;

import dev.unfold.argument.Expect;
import dev.unfold.cell.Bias;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.formats.safetensors.Quote;
import dev.unfold.head.Head;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.HostBuffer;
import dev.unfold.model.Encoder;
import dev.unfold.model.LayerSpec;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The parameters of a network, collected from a file of another program before the network is made.
///
/// **Memory**: nothing is allocated before all shapes are found to be right, and so no more than the file has numbers
/// for.
public final class NetworkAssembly {
  private final String file;
  private final Map<String, Part> parts = new HashMap<>();

  /// Numbers that are there to be read.
  @FunctionalInterface
  public interface Numbers {
    /// Sets all of `target`, row by row.
    void fill(HostBuffer target);
  }

  private record Part(List<Integer> shape, String source, Numbers numbers) {}

  /// @param file what messages call the file
  public NetworkAssembly(String file) {
    this.file = Expect.given("file", file);
  }

  /// Says what a parameter of the network will be.
  ///
  /// @param parameter its name in the network
  /// @param source what the file calls the numbers
  public void put(String parameter, String source, List<Integer> shape, Numbers numbers) {
    parts.put(parameter, new Part(List.copyOf(shape), source, numbers));
  }

  /// Says that a parameter will be zero.
  public void putZeros(String parameter, int size) {
    put(parameter, parameter, List.of(size), _ -> {});
  }

  /// Says that a matrix `[size, size]` will be the identity.
  public void putIdentity(String parameter, int size) {
    put(
        parameter,
        parameter,
        List.of(size, size),
        target -> {
          for (int i = 0; i < size; i++) {
            target.set((long) i * size + i, 1);
          }
        });
  }

  /// What a file has of a readout.
  public enum Readout {
    /// A matrix and a bias.
    BIASED,
    /// A matrix alone.
    UNBIASED,
    /// None: it is the identity.
    ABSENT
  }

  /// A network's readout has a bias if its last cell has: what only one of both has in the file will be zero in the
  /// other.
  ///
  /// @param readout what the file has of it, of `outputs` numbers
  /// @param added the biases that the last cell gets if it needs some
  /// @param conventions takes what a user should know
  /// @return the layers with the last one as it has to be
  public List<LayerSpec> withBias(
      List<LayerSpec> layers, Readout readout, int outputs, Bias added, List<String> conventions) {
    LayerSpec last = layers.getLast();
    boolean isBiased = last.cell().bias() != Bias.NONE;
    if (isBiased && readout != Readout.BIASED) {
      putZeros(Head.BIAS, outputs);
      if (readout == Readout.UNBIASED) {
        conventions.add("head: without a bias in the file, so zeros");
      }
    }
    if (isBiased || readout != Readout.BIASED) {
      return layers;
    }
    LayerSpec biased = new LayerSpec(last.cell().withBias(added), last.hidden(), last.wiring());
    int number = layers.size() - 1;
    Network.shapes(new NetworkSpec(new Encoder.Vectors(1), List.of(biased), new Head.Classes(1)))
        .forEach((name, shape) -> {
          if (name.startsWith("bias")) {
            putZeros(name.replace("_l0", "_l" + number), shape.getFirst());
          }
        });
    conventions.add("layer l%d: without a bias in the file, so zeros".formatted(number));
    List<LayerSpec> all = new ArrayList<>(layers.subList(0, number));
    all.add(biased);
    return all;
  }

  /// The network with these parameters.
  ///
  /// **Errors**: [FormatException] that names the first parameter that is missing, has another shape, or holds a number
  /// that is not finite; and one that the network has not, since its numbers would be lost.
  public Network network(NetworkSpec spec, Kernels kernels) {
    Map<String, List<Integer>> shapes = Network.shapes(spec);
    shapes.forEach(this::expect);
    expectNoOthers(shapes.keySet());
    Network network = Network.zeros(spec, kernels);
    Parameters parameters = network.parameters();
    for (Parameters.Tensor tensor : parameters.tensors()) {
      Part part = parts.get(tensor.name());
      HostBuffer numbers = HostBuffer.allocate(kernels.type(), tensor.length());
      part.numbers().fill(numbers);
      expectFinite(part, numbers);
      parameters.buffer().copy(numbers, 0, tensor.offset(), tensor.length());
    }
    parameters.changed();
    return network;
  }

  private void expect(String parameter, List<Integer> shape) {
    Part part = parts.get(parameter);
    if (part == null || !part.shape().equals(shape)) {
      throw new FormatException(
          "%s: %s: expected %s, %s"
              .formatted(
                  file,
                  Quote.plain(part == null ? parameter : part.source()),
                  shape,
                  part == null ? "found none" : "got " + part.shape()));
    }
  }

  private void expectNoOthers(Set<String> parameters) {
    List<String> others =
        parts.keySet().stream().filter(name -> !parameters.contains(name)).sorted().toList();
    if (!others.isEmpty()) {
      throw new FormatException(
          "%s: %s: expected none beside the other parameters, since the network has none to hold it"
              .formatted(file, Quote.plain(parts.get(others.getFirst()).source())));
    }
  }

  private void expectFinite(Part part, HostBuffer numbers) {
    for (long i = 0; i < numbers.length(); i++) {
      if (!Double.isFinite(numbers.get(i))) {
        throw new FormatException(
            "%s: %s: expected finite numbers, got %s as number %d of %d"
                .formatted(file, Quote.plain(part.source()), numbers.get(i), i, numbers.length()));
      }
    }
  }
}
