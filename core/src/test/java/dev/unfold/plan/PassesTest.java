package dev.unfold.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Activation;
import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
import dev.unfold.proof.OddCells;
import dev.unfold.proof.RandomCell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What each pass promises to the next one.
final class PassesTest {
  private static final Path SOURCE = Path.of("src/main/java/dev/unfold/plan/Passes.java");

  /// The library's, odd ones, and drawn ones, whose names end with their seeds.
  static Stream<Cell> cells() {
    return Stream.of(
            Cells.names().stream().map(Cells::named),
            OddCells.all().stream(),
            LongStream.range(0, 50).mapToObj(RandomCell::draw))
        .flatMap(cells -> cells);
  }

  private static ForwardStep lower(Cell cell) {
    return Passes.lower(cell, cell.sizes(2, 3));
  }

  private static AdjointStep settled(ForwardStep step) {
    return Passes.settle(step, Passes.differentiate(step));
  }

  @Test
  void passes_ofTheElmanCell_giveWhatTheirPageShows() throws IOException {
    List<String> page = PassText.block(Files.readString(SOURCE));
    ForwardStep step = lower(Cells.elman(Activation.TANH));
    assertEquals(page, PassText.of(step));
    assertEquals(Passes.differentiate(step), settled(step), "settle has nothing to do");
  }

  @ParameterizedTest
  @MethodSource("cells")
  void lower_ofACell_givesNodesInOrderAndResultsOfTheirOwn(Cell cell) {
    ForwardStep step = lower(cell);
    for (int node = 0; node < step.graph().size(); node++) {
      for (int read : reads(step, step.graph().get(node))) {
        assertTrue(read < node, node + " reads " + read);
      }
    }
    Set<Integer> next = new HashSet<>();
    for (ForwardStep.State state : step.states()) {
      assertTrue(next.add(state.next()), state + ": another state has its node");
      assertTrue(step.graph().get(state.next()) instanceof Node.Apply, state.toString());
    }
    assertTrue(step.graph().get(step.output()) instanceof Node.Apply);
  }

  @ParameterizedTest
  @MethodSource("cells")
  void adjoint_ofACell_beginsWithItsStepAndHasAllResults(Cell cell) {
    ForwardStep step = lower(cell);
    AdjointStep adjoint = settled(step);
    assertEquals(step.graph().nodes(), adjoint.graph().nodes().subList(0, step.graph().size()));
    for (int node = adjoint.forwardNodes(); node < adjoint.graph().size(); node++) {
      for (int read : reads(adjoint, adjoint.graph().get(node))) {
        assertTrue(read < node, node + " reads " + read);
      }
    }
    adjoint.carries().forEach(carry -> assertNotEquals(Node.NONE, carry));
    assertNotEquals(Node.NONE, adjoint.input());
    assertTrue(
        !adjoint.ancestorsOfStates().contains(adjoint.input())
            && !adjoint.ancestorsOfParameters().contains(adjoint.input()),
        "something is made from the input's derivative");
  }

  @ParameterizedTest
  @MethodSource("cells")
  void parts_ofACell_runInTheOrderOfWhatTheyRead(Cell cell) {
    ForwardStep step = lower(cell);
    AdjointStep adjoint = settled(step);
    Parts parts = Passes.hoist(step, adjoint);
    for (int node = 0; node < step.graph().size(); node++) {
      for (int read : computed(step.graph(), reads(step, step.graph().get(node)))) {
        assertTrue(parts.ofForward(read).compareTo(parts.ofForward(node)) <= 0, node + ": " + read);
      }
    }
    for (int node = adjoint.forwardNodes(); node < adjoint.graph().size(); node++) {
      for (int read : reads(adjoint, adjoint.graph().get(node))) {
        assertTrue(
            parts.ofBackward(read).compareTo(parts.ofBackward(node)) <= 0, node + ": " + read);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cells")
  void schedules_ofACell_knowOperandsAStageEarlierAndArgumentsInTime(Cell cell) {
    ForwardStep step = lower(cell);
    AdjointStep adjoint = settled(step);
    Parts parts = Passes.hoist(step, adjoint);
    Kept kept = Passes.keep(step, adjoint, parts);
    for (Schedule schedule : Passes.schedule(step, adjoint, parts, kept).values()) {
      Map<Integer, Integer> stageOf = schedule.stageOf();
      stageOf.forEach((node, stage) -> {
        List<Integer> whole =
            switch (kept.graph().get(node)) {
              case Node.Product product -> List.of(step.groups().get(product.group()).operand());
              case Node.BackProduct product -> adjoint.deltas().get(product.group());
              default -> List.of();
            };
        whole.forEach(operand -> assertTrue(stageOf.getOrDefault(operand, -1) < stage));
        if (kept.graph().get(node) instanceof Node.Apply apply) {
          assertTrue(stageOf.getOrDefault(apply.left(), -1) <= stage);
          assertTrue(stageOf.getOrDefault(apply.right(), -1) <= stage);
        }
      });
    }
  }

  @ParameterizedTest
  @MethodSource("cells")
  void passes_ofACell_leaveWhatTheyAreGivenAsItIs(Cell cell) {
    ForwardStep step = lower(cell);
    AdjointStep adjoint = settled(step);
    Parts parts = Passes.hoist(step, adjoint);
    Kept kept = Passes.keep(step, adjoint, parts);
    Map<Part, Schedule> schedules = Passes.schedule(step, adjoint, parts, kept);
    Places forward = Passes.placeForward(step, parts, kept, schedules);
    Schedule loop = schedules.get(Part.FORWARD);
    List<Stage> before = Passes.fuse(loop, step, forward);
    Passes.placeBackward(step, adjoint, parts, kept, schedules, forward);
    assertEquals(before, Passes.fuse(loop, step, forward));
    assertEquals(schedules, Passes.schedule(step, adjoint, parts, kept));
    assertEquals(kept, Passes.keep(step, adjoint, parts));
    assertEquals(parts, Passes.hoist(step, adjoint));
    assertEquals(adjoint, settled(step));
    assertEquals(step, lower(cell));
  }

  private static List<Integer> reads(ForwardStep step, Node node) {
    return switch (node) {
      case Node.Apply apply -> List.of(apply.left(), apply.right());
      case Node.Product product -> {
        int operand = step.groups().get(product.group()).operand();
        yield product.onto() == Node.NONE ? List.of(operand) : List.of(operand, product.onto());
      }
      default -> List.of();
    };
  }

  private static List<Integer> reads(AdjointStep adjoint, Node node) {
    return switch (node) {
      case Node.Apply apply -> List.of(apply.left(), apply.right());
      case Node.BackProduct product -> adjoint.deltas().get(product.group());
      default -> List.of();
    };
  }

  /// Those of `nodes` that a part computes.
  private static List<Integer> computed(Graph graph, List<Integer> nodes) {
    return nodes.stream()
        .filter(node ->
            graph.get(node) instanceof Node.Apply || graph.get(node) instanceof Node.Product)
        .toList();
  }
}
