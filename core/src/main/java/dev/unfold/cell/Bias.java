package dev.unfold.cell;

/// How many bias vectors the affine maps of a cell have.
///
/// The sum W x + U h + b needs one bias. PyTorch keeps two, `bias_ih` and `bias_hh`, and although only
/// their sum matters to the output of an Elman network or an LSTM, two of them train otherwise than one:
/// both get the same gradient, so their sum moves twice as far, and both count in the gradient norm. A cell
/// says which it has, so that weights from PyTorch and training on its terms stay exact.
public enum Bias {
  /// None.
  NONE,
  /// One vector for each affine map, called `bias`.
  PER_AFFINE,
  /// One vector for each operand of each affine map, `bias_ih` and `bias_hh`: what PyTorch does.
  PER_OPERAND
}
