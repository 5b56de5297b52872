package dev.unfold.cell;

/// The function f of a hidden unit, applied to its pre-activation.
public enum Activation {
  /// tanh(x)
  TANH,
  /// max(x, 0)
  RELU,
  /// 1 / (1 + exp(-x))
  SIGMOID,
  /// x
  IDENTITY;

  /// f(x)
  public Expr of(Expr x) {
    return switch (this) {
      case TANH -> Expr.tanh(x);
      case RELU -> Expr.relu(x);
      case SIGMOID -> Expr.sigmoid(x);
      case IDENTITY -> x;
    };
  }
}
