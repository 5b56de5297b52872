package dev.unfold.model;

import dev.unfold.head.FactoredClasses;
import dev.unfold.head.Head;
import dev.unfold.head.PooledHead;
import dev.unfold.head.Pooling;
import dev.unfold.kernels.storage.Matrix;

/// Windows onto the gradients of a head.
public final class HeadGradients {
  private final Matrix readout;
  private final Matrix readoutBias;
  private final Matrix attention;
  private final Matrix groups;
  private final Matrix groupsBias;
  private final Matrix transitions;
  private final Matrix start;
  private final Matrix end;

  HeadGradients(NetworkHead own, Parameters parameters) {
    Head head = own.head();
    boolean isFactored = head instanceof FactoredClasses;
    boolean isTagged = head instanceof Head.Tags;
    boolean attends = head.pooled().filter(Pooling.ATTENTION::equals).isPresent();
    boolean hasBias = own.hasBias();
    readout = window(true, own, Head.WEIGHT, parameters);
    readoutBias = window(hasBias, own, Head.BIAS, parameters);
    groups = window(isFactored, own, FactoredClasses.GROUP_WEIGHT, parameters);
    groupsBias = window(isFactored && hasBias, own, FactoredClasses.GROUP_BIAS, parameters);
    transitions = window(isTagged, own, Head.Tags.TRANSITIONS, parameters);
    start = window(isTagged, own, Head.Tags.START, parameters);
    end = window(isTagged, own, Head.Tags.END, parameters);
    attention = window(attends, own, PooledHead.ATTENTION, parameters);
  }

  private static Matrix window(boolean has, NetworkHead own, String name, Parameters parameters) {
    return has ? parameters.matrix(own.name(name)) : null;
  }

  public Matrix readout() {
    return readout;
  }

  /// Null if there is none.
  public Matrix readoutBias() {
    return readoutBias;
  }

  /// Those of the groups of classes; null if the softmax is not factored.
  public Matrix groups() {
    return groups;
  }

  /// Null if there are none.
  public Matrix groupsBias() {
    return groupsBias;
  }

  /// Those of one tag after another; null if outputs are not tags, as the next two.
  public Matrix transitions() {
    return transitions;
  }

  /// Those of first tags.
  public Matrix start() {
    return start;
  }

  /// Those of last tags.
  public Matrix end() {
    return end;
  }

  /// Those of what steps are compared with; null if there is no attention.
  public Matrix attention() {
    return attention;
  }
}
