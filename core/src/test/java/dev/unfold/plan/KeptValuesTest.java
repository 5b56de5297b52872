package dev.unfold.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Activation;
import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What a forward pass keeps and what leaves the time loop, as `docs/bptt.md` says it.
final class KeptValuesTest {
  private static final int I = 3;
  private static final int H = 4;

  @Test
  void keptValues_ofElman_areTheHiddenStatesAlone() {
    Plan plan = Plan.of(Cells.elman(Activation.TANH), I, H);
    assertEquals(List.of(Place.whole(Place.Kind.NEXT, 0, H)), plan.forward().kept());
  }

  @Test
  void keptValues_ofLstm_areTheFourGatesAndTanhOfC() {
    Plan plan = Plan.of(Cells.lstm(), I, H);
    assertEquals(5, plan.forward().kept().size());
    assertTrue(
        plan.forward().kept().stream()
            .allMatch(place -> place.kind() == Place.Kind.SEQUENCE && place.width() == H),
        plan.forward().kept().toString());
  }

  @Test
  void inputProducts_ofStandardCells_leaveTheTimeLoop() {
    for (Cell cell : List.of(Cells.elman(Activation.TANH), Cells.lstm(), Cells.gru())) {
      Plan plan = Plan.of(cell, I, H);
      assertEquals(List.of("ih"), groups(plan, plan.forward().prologue()), cell.name());
      assertEquals(List.of("hh"), groups(plan, plan.forward().loop()), cell.name());
      assertEquals(List.of("hh"), groups(plan, plan.backward().loop()), cell.name());
      assertEquals(List.of("ih"), groups(plan, plan.backward().epilogue()), cell.name());
    }
  }

  private static List<String> groups(Plan plan, List<Stage> stages) {
    return stages.stream()
        .flatMap(stage -> stage.products().stream())
        .map(product -> plan.step().groups().get(product.group()).name())
        .toList();
  }
}
