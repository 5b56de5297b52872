package dev.unfold.proof;

import dev.unfold.kernels.Pointwise;
import dev.unfold.plan.ForwardStep;
import dev.unfold.plan.Group;
import dev.unfold.plan.Place;
import dev.unfold.plan.Plan;
import dev.unfold.plan.Stage;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Runs a layer by the programs of its plan, in memory of its own: what another backend sees of a cell.
final class ProgramInterpreter {
  private final Plan plan;
  private final ForwardStep step;
  private final ViewProblem problem;
  private final int steps;
  private final double[][][] states;
  private final double[][][] carries;
  private final double[][][] sequences;
  private final double[][] scratch;
  private final double[][] derived;
  private final double[][] inputGradients;

  ProgramInterpreter(Plan plan, ViewProblem problem) {
    this.plan = plan;
    this.problem = problem;
    step = plan.step();
    steps = problem.steps();
    Plan.Memory memory = plan.memory();
    states = rows(steps + 1, memory.states());
    states[0] = copy(problem.states());
    carries = rows(steps + 1, memory.states());
    carries[steps] = copy(problem.stateGradients());
    sequences = rows(steps, memory.sequences());
    scratch = rows(1, memory.steps())[0];
    derived = rows(1, memory.derived())[0];
    inputGradients = new double[steps][step.sizes().input()];
  }

  private static double[][][] rows(int count, List<Integer> widths) {
    return IntStream.range(0, count)
        .mapToObj(t -> widths.stream().map(width -> new double[width]).toArray(double[][]::new))
        .toArray(double[][][]::new);
  }

  private static double[][] copy(double[][] rows) {
    return Arrays.stream(rows).map(double[]::clone).toArray(double[][]::new);
  }

  /// Forward and back; all that [LayerProblem#run] gives.
  Map<String, double[]> run() {
    run(plan.forward().preparation(), 0);
    IntStream.range(0, steps).forEach(t -> run(plan.forward().prologue(), t));
    IntStream.range(0, steps).forEach(t -> run(plan.forward().loop(), t));
    IntStream.range(0, steps).forEach(t -> run(plan.backward().loop(), steps - 1 - t));
    IntStream.range(0, steps).forEach(t -> run(plan.backward().late(), t));
    IntStream.range(0, steps).forEach(t -> run(plan.backward().epilogue(), t));
    Map<String, double[]> numbers = new LinkedHashMap<>();
    List<double[]> gradients = gradients();
    for (int p = 0; p < gradients.size(); p++) {
      numbers.put("derivative of " + step.parameters().get(p), gradients.get(p));
    }
    numbers.put("output", ofAllSteps(plan.forward().output()));
    numbers.put(
        "derivative of input",
        Arrays.stream(inputGradients).flatMapToDouble(Arrays::stream).toArray());
    for (int s = 0; s < step.states().size(); s++) {
      numbers.put("state " + s, states[steps][s]);
      numbers.put("derivative of state " + s, carries[0][s]);
    }
    for (int g = 0; g < step.groups().size(); g++) {
      String name = "error signals " + step.groups().get(g).name();
      numbers.put(name, ofAllSteps(plan.backward().deltas().get(g)));
    }
    return numbers;
  }

  private void run(List<Stage> stages, int t) {
    for (Stage stage : stages) {
      stage.products().forEach(product -> run(product, t));
      stage.pointwise().forEach(fused -> run(fused, t));
    }
  }

  private void run(Stage.Product product, int t) {
    Group group = step.groups().get(product.group());
    double[] matrix = problem.parameters().get(group.weight());
    double[] operand = read(product.operand(), t);
    for (int i = 0; i < product.terms().size(); i++) {
      Stage.Term term = product.terms().get(i);
      double[] sum = term.base() == null ? new double[term.target().width()] : read(term.base(), t);
      switch (product.direction()) {
        case FORWARD ->
            ViewProblem.addProduct(
                sum, matrix, group.slices().get(i).from(), operand, product.heads());
        case BACK -> {
          for (Group.Slice slice : group.slices()) {
            int until = slice.from() + slice.width();
            double[] signals = Arrays.copyOfRange(operand, slice.from(), until);
            ViewProblem.addTransposed(sum, matrix, slice.from(), signals, product.heads());
          }
        }
      }
      write(term.target(), t, sum);
    }
  }

  private void run(Stage.Fused fused, int t) {
    if (fused.heads() != null) {
      for (int head = 0; head < fused.heads().shape().heads(); head++) {
        new HeadProgram(fused, head).run(place -> read(place, t), (to, row) -> write(to, t, row));
      }
      return;
    }
    Pointwise program = fused.program();
    int width = fused.operands().get(program.firstWide()).width();
    double[][] temporaries = new double[program.temporaries()][];
    for (Pointwise.Instruction instruction : program.instructions()) {
      Pointwise.Slot target = instruction.target();
      double[] result =
          ViewProblem.apply(
              instruction.op(),
              value(instruction.left(), fused, temporaries, t),
              value(instruction.right(), fused, temporaries, t),
              target.kind().isOfRow() ? 1 : width);
      switch (target.kind()) {
        case TEMPORARY, ROW_TEMPORARY -> temporaries[target.index()] = result;
        default -> write(fused.operands().get(target.index()), t, result);
      }
    }
  }

  private double[] value(Pointwise.Slot slot, Stage.Fused fused, double[][] temporaries, int t) {
    return switch (slot.kind()) {
      case OPERAND, COLUMN -> read(fused.operands().get(slot.index()), t);
      case CONSTANT -> new double[] {fused.program().constants().get(slot.index())};
      case TEMPORARY, ROW_TEMPORARY -> temporaries[slot.index()];
      case SCALAR, ROW ->
          throw new IllegalArgumentException("a step has no run-time numbers: " + slot);
    };
  }

  private double[] read(Place place, int t) {
    return Arrays.copyOfRange(buffer(place, t), place.column(), place.column() + place.width());
  }

  private void write(Place place, int t, double[] numbers) {
    System.arraycopy(numbers, 0, buffer(place, t), place.column(), place.width());
  }

  private double[] buffer(Place place, int t) {
    int index = place.index();
    return switch (place.kind()) {
      case INPUT -> problem.input()[t];
      case NOISE -> problem.noises()[index][t];
      case STATE -> states[t][index];
      case NEXT -> states[t + 1][index];
      case PARAMETER -> problem.parameters().get(index);
      case DERIVED -> derived[index];
      case SEQUENCE -> sequences[t][index];
      case STEP -> scratch[index];
      case OUTPUT_GRADIENT -> problem.outputGradients()[t];
      case INPUT_GRADIENT -> inputGradients[t];
      case CARRY_IN -> carries[t + 1][index];
      case CARRY_OUT -> carries[t][index];
    };
  }

  private List<double[]> gradients() {
    List<double[]> gradients = problem.zeroGradients();
    for (int t = 0; t < steps; t++) {
      for (int g = 0; g < step.groups().size(); g++) {
        Group group = step.groups().get(g);
        double[] signals = read(plan.backward().deltas().get(g), t);
        double[] operand = read(plan.forward().operands().get(g), t);
        for (Group.Slice slice : group.slices()) {
          int until = slice.from() + slice.width();
          ViewProblem.addOuter(
              gradients.get(group.weight()),
              slice.from(),
              Arrays.copyOfRange(signals, slice.from(), until),
              operand,
              group.heads());
        }
      }
      for (Plan.VectorGradient vector : plan.backward().vectorGradients()) {
        for (Plan.VectorTarget target : vector.targets()) {
          ViewProblem.add(gradients.get(target.parameter()), target.from(), read(vector.rows(), t));
        }
      }
    }
    return gradients;
  }

  private double[] ofAllSteps(Place place) {
    return IntStream.range(0, steps)
        .mapToObj(t -> read(place, t))
        .flatMapToDouble(Arrays::stream)
        .toArray();
  }
}
