package dev.unfold.flow;

import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Truncation;
import java.util.List;
import java.util.OptionalInt;

/// How far back a gradient has to look: the relative error of the gradient cut at lag k, for each k, on several
/// batches.
///
///     Reach reach = Reach.of(network, team, batches);
///     double error = reach.errors().get(8).mean();
///     int lag = reach.lag(0.1).orElseThrow();
///
/// **Math**: with g(t', t) what the error of step t gives to the gradient at step t', the gradient cut at lag k follows
/// each error k steps back and no farther:
///
///     g = sum_t sum_{t' <= t} g(t', t)        g_k = sum_t sum_{t - k <= t' <= t} g(t', t)
///     error(k) = |g_k - g| / |g|
///
/// over all parameters, the readout's included, which are never cut. So g_0 follows no error back in time, g_{T-1} is
/// g, and g_k is the gradient of truncated back-propagation with a window of one step and a reach of k + 1
/// ([Truncation]). [TruncationMeter] tells the same error of the gradients of windows, in which an error goes back to
/// the start of its window only: from 0 to k - 1 steps in windows of k.
///
/// The error is not one minus the shares of an [ErrorFlow]: those are projections onto g, which hide what is lost
/// across it.
///
/// @param steps T
/// @param sequences B of each batch: in a larger one what differs from sequence to sequence averages out
/// @param errors for each lag k from 0 to T-1; none for layers of both directions, which can't be cut
/// @param layers the same of each layer's own parameters, from below
public record Reach(int steps, int sequences, List<Estimate> errors, List<Layer> layers) {
  /// Copies the lists.
  public Reach {
    errors = List.copyOf(errors);
    layers = List.copyOf(layers);
  }

  /// The parameters of one layer.
  ///
  /// @param name `l0`
  /// @param errors for each lag the relative error of these parameters' gradient
  public record Layer(String name, List<Estimate> errors) {
    /// Copies the list.
    public Layer {
      errors = List.copyOf(errors);
    }

    /// As [Reach#lag], of this layer's gradient.
    public OptionalInt lag(double tolerance) {
      return Reach.lag(errors, tolerance);
    }
  }

  /// Measures on `batches`, which have the same T and B, each from a state of zeros; [ReachMeter] does so many times.
  ///
  /// **Cost**: as [ReachMeter].
  ///
  /// **Errors**: [IllegalArgumentException] for no batches, and as [ReachMeter#measure].
  public static Reach of(Network network, Team team, List<Batch> batches) {
    ReachMeter.expectSome(batches);
    Batch first = batches.getFirst();
    return new ReachMeter(network, team, first.steps(), first.batch()).measure(batches);
  }

  /// The reach of the gradient within `tolerance`: the least lag k such that error(k), with its interval, is at most
  /// `tolerance`, and so are the errors of all larger lags. Empty if there are no errors.
  public OptionalInt lag(double tolerance) {
    return lag(errors, tolerance);
  }

  /// The same of errors for each lag.
  public static OptionalInt lag(List<Estimate> errors, double tolerance) {
    OptionalInt least = OptionalInt.empty();
    for (int k = errors.size() - 1; k >= 0 && errors.get(k).most() <= tolerance; k--) {
      least = OptionalInt.of(k);
    }
    return least;
  }
}
