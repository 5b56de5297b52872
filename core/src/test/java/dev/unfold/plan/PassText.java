package dev.unfold.plan;

import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/// What the passes make of a cell, as text.
final class PassText {
  private final ForwardStep step;
  private final AdjointStep adjoint;
  private final List<String> lines = new ArrayList<>();

  private PassText(ForwardStep step) {
    this.step = step;
    adjoint = Passes.settle(step, Passes.differentiate(step));
  }

  static List<String> of(ForwardStep step) {
    PassText text = new PassText(step);
    text.addGraphs();
    text.addChoices();
    text.addPlan(Passes.plan(step.cell(), step.sizes()));
    return text.lines;
  }

  private void addGraphs() {
    lines.add("lower");
    addNodes(0, step.graph().size());
    step.states().forEach(s -> lines.add("  " + s.name() + "(t): n" + s.next()));
    lines.add("  output: n" + step.output());
    lines.add("differentiate");
    addNodes(adjoint.forwardNodes(), adjoint.graph().size());
    for (int s = 0; s < step.states().size(); s++) {
      lines.add("  dE/d" + step.states().get(s).name() + "(t-1): n" + adjoint.carries().get(s));
    }
    lines.add("  dE/dx(t): n" + adjoint.input());
    for (int g = 0; g < step.groups().size(); g++) {
      lines.add("  delta_" + step.groups().get(g).name() + ": " + nodes(adjoint.deltas().get(g)));
    }
    adjoint
        .vectors()
        .forEach(v -> lines.add("  dE/d" + parameter(v.parameter()) + ": n" + v.node()));
  }

  private void addNodes(int from, int to) {
    for (int node = from; node < to; node++) {
      lines.add("  n" + node + " = " + text(adjoint.graph().get(node)));
    }
  }

  private String text(Node node) {
    return switch (node) {
      case Node.Input i -> "x(t)";
      case Node.State state -> step.states().get(state.index()).name() + "(t-1)";
      case Node.Noise noise -> "m" + noise.index() + "(t)";
      case Node.Vector vector -> parameter(vector.parameter());
      case Node.Constant constant -> "" + constant.value();
      case Node.Product p ->
          (p.onto() == Node.NONE ? "" : "n" + p.onto() + " + ")
              + weight(p.group())
              + " n"
              + step.groups().get(p.group()).operand();
      case Node.Apply a -> call(a.op(), List.of("n" + a.left(), "n" + a.right()));
      case Node.Carry c -> "dE/d" + step.states().get(c.index()).name() + "(t) from step t+1";
      case Node.OutputGradient g -> "dE/doutput(t)";
      case Node.Tangent g -> "tangent of " + g.of();
      case Node.BackProduct p -> weight(p.group()) + "^T " + nodes(adjoint.deltas().get(p.group()));
    };
  }

  private static String call(Op op, List<String> arguments) {
    return op.name().toLowerCase(Locale.ROOT)
        + "("
        + String.join(", ", arguments.subList(0, op.arity()))
        + ")";
  }

  private String parameter(int index) {
    return step.parameters().get(index).name();
  }

  private String weight(int group) {
    return parameter(step.groups().get(group).weight());
  }

  private static String nodes(Iterable<Integer> nodes) {
    List<String> names = new ArrayList<>();
    nodes.forEach(node -> names.add("n" + node));
    return String.join(" ", names);
  }

  private void addChoices() {
    Parts parts = Passes.hoist(step, adjoint);
    Kept kept = Passes.keep(step, adjoint, parts);
    lines.add("hoist");
    Passes.schedule(step, adjoint, parts, kept)
        .forEach((part, schedule) -> {
          if (!schedule.stageOf().isEmpty()) {
            lines.add("  " + name(part) + ": " + nodes(schedule.stageOf().keySet()));
          }
        });
    lines.add("keep");
    lines.add("  " + nodes(kept.ofForward()));
  }

  private static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private void addPlan(Plan plan) {
    lines.add("schedule, place, fuse");
    addStages(Part.PREPARATION, plan.forward().preparation());
    addStages(Part.PROLOGUE, plan.forward().prologue());
    addStages(Part.FORWARD, plan.forward().loop());
    addStages(Part.BACKWARD, plan.backward().loop());
    addStages(Part.LATE, plan.backward().late());
    addStages(Part.EPILOGUE, plan.backward().epilogue());
  }

  private void addStages(Part part, List<Stage> stages) {
    for (int i = 0; i < stages.size(); i++) {
      lines.add("  %s, stage %d".formatted(name(part), i));
      stages.get(i).products().forEach(this::addProduct);
      stages.get(i).pointwise().forEach(this::addProgram);
    }
  }

  private void addProduct(Stage.Product product) {
    String transposed = product.direction() == Stage.Direction.BACK ? "^T" : "";
    for (Stage.Term term : product.terms()) {
      String base = term.base() == null ? "" : text(term.base()) + " + ";
      String matrix = weight(product.group()) + transposed;
      lines.add(
          "    " + text(term.target()) + " = " + base + matrix + " " + text(product.operand()));
    }
  }

  private void addProgram(Stage.Fused fused) {
    Function<Pointwise.Slot, String> text =
        slot ->
            switch (slot.kind()) {
              case OPERAND, COLUMN, ROW -> text(fused.operands().get(slot.index()));
              case CONSTANT -> "" + fused.program().constants().get(slot.index());
              case SCALAR, TEMPORARY, ROW_TEMPORARY -> slot.toString().toLowerCase(Locale.ROOT);
            };
    for (Pointwise.Instruction line : fused.program().instructions()) {
      List<String> arguments = List.of(text.apply(line.left()), text.apply(line.right()));
      lines.add("    " + text.apply(line.target()) + " = " + call(line.op(), arguments));
    }
  }

  private String text(Place place) {
    return switch (place.kind()) {
      case INPUT, OUTPUT_GRADIENT, INPUT_GRADIENT -> name(place.kind());
      case PARAMETER -> parameter(place.index());
      default -> name(place.kind()) + place.index();
    };
  }

  /// The block of the example in the source of [Passes].
  static List<String> block(String source) {
    String start = "/// # An example\n";
    return source
        .substring(source.indexOf(start))
        .lines()
        .filter(line -> line.startsWith("///     "))
        .map(line -> line.substring("///     ".length()))
        .toList();
  }
}
