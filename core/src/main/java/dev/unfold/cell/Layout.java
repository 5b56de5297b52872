package dev.unfold.cell;

import dev.unfold.cell.CellParameter.Block;
import dev.unfold.cell.CellParameter.Role;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Which parameters a cell has: one matrix for each operand of its affine maps, biases, and its own vectors,
/// in this order.
///
/// @param operands what is multiplied by a matrix, in order of first use
/// @param parameters the parameters
public record Layout(List<Operand> operands, List<CellParameter> parameters) {
  /// Copies the lists.
  public Layout {
    operands = List.copyOf(operands);
    parameters = List.copyOf(parameters);
  }

  /// An operand of affine maps.
  ///
  /// @param name its name in parameter names: `ih` for the input, `hh` for the state h
  /// @param value the operand
  /// @param affines the maps, in order of definition: the order of their rows
  /// @param heads how many blocks its matrix has
  public record Operand(String name, Expr value, List<Expr.Affine> affines, int heads) {
    /// Whether it depends on a state, and not on the input alone.
    public boolean dependsOnState() {
      return Reachability.dependsOnState(value);
    }

    /// The name of its matrix.
    public String weight() {
      return "weight_" + name;
    }

    /// The name of its biases, if there are biases for each operand.
    public String bias() {
      return "bias_" + name;
    }
  }

  /// The layout of `cell`.
  ///
  /// **Errors**: [IllegalArgumentException] if two parameters would have one name.
  static Layout of(Cell cell) {
    List<Operand> operands = operands(cell);
    List<CellParameter> parameters = new ArrayList<>();
    for (Operand operand : operands) {
      Role role = operand.dependsOnState() ? Role.RECURRENT_WEIGHT : Role.INPUT_WEIGHT;
      parameters.add(
          new CellParameter(
              operand.weight(),
              role,
              blocks(operand.affines()),
              operand.value().size(),
              operand.heads(),
              Start.DRAWN));
    }
    switch (cell.bias()) {
      case NONE -> {}
      case PER_AFFINE -> addBias("bias", cell.affines(), parameters);
      case PER_OPERAND ->
          operands.forEach(operand -> addBias(operand.bias(), operand.affines(), parameters));
    }
    for (Expr.Parameter vector : cell.parameters()) {
      parameters.add(
          new CellParameter(
              vector.name(),
              Role.VECTOR,
              List.of(new Block(vector.name(), vector.size())),
              Size.ONE,
              1,
              vector.start()));
    }
    Set<String> names = new HashSet<>();
    for (CellParameter parameter : parameters) {
      if (!names.add(parameter.name())) {
        throw new IllegalArgumentException(
            "cell " + cell.name() + ": two parameters would be called " + parameter.name());
      }
    }
    return new Layout(operands, parameters);
  }

  private static List<Operand> operands(Cell cell) {
    List<Operand> operands = new ArrayList<>();
    for (Expr.Affine affine : cell.affines()) {
      for (Expr value : affine.operands()) {
        if (operands.stream().noneMatch(operand -> operand.value().equals(value))) {
          List<Expr.Affine> affines =
              cell.affines().stream().filter(other -> other.operands().contains(value)).toList();
          int heads = Reachability.dependsOnState(value) ? cell.heads() : 1;
          operands.add(new Operand(suffix(value), value, affines, heads));
        }
      }
    }
    return operands;
  }

  /// What an operand is called in the names of its parameters.
  static String suffix(Expr operand) {
    return switch (operand) {
      case Expr.Input i -> "ih";
      case Expr.State state when state.name().equals("h") -> "hh";
      default -> operand.toString();
    };
  }

  private static List<Block> blocks(List<Expr.Affine> affines) {
    return affines.stream().map(affine -> new Block(affine.name(), affine.size())).toList();
  }

  /// Maps without a bias take no room in it; if there is no other, there is no bias.
  private static void addBias(
      String name, List<Expr.Affine> affines, List<CellParameter> parameters) {
    List<Block> blocks = blocks(affines.stream().filter(Expr.Affine::hasBias).toList());
    if (!blocks.isEmpty()) {
      parameters.add(new CellParameter(name, Role.BIAS, blocks, Size.ONE, 1, Start.DRAWN));
    }
  }

  /// The operand that is `value`.
  public Operand operand(Expr value) {
    return operands.stream()
        .filter(operand -> operand.value().equals(value))
        .findFirst()
        .orElseThrow();
  }

  /// The parameter `name`.
  public CellParameter parameter(String name) {
    return parameters.stream().filter(p -> p.name().equals(name)).findFirst().orElseThrow();
  }
}
