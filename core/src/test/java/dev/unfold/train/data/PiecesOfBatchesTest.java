package dev.unfold.train.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Example;
import dev.unfold.sequence.Inputs;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class PiecesOfBatchesTest {
  private final TextData text = new TextData(IntStream.range(0, 43).toArray(), 7, 2);

  @Test
  void pieces_ofAnEpoch_areTheBatchesInOrder() {
    PiecesOfBatches pieces = new PiecesOfBatches(text, 3);
    List<Integer> tokens = new ArrayList<>();
    List<Integer> whole = new ArrayList<>();
    for (int place = 0; place < text.places(); place++) {
      add(text.batch(place), whole);
    }
    long place = 0;
    for (int i = 0; i < pieces.updatesPerEpoch(); i++) {
      Batch piece = pieces.batch(place);
      assertTrue(piece.steps() <= 3);
      add(piece, tokens);
      assertEquals(place != 0, pieces.goesOn(place));
      place = pieces.next(place);
    }
    assertEquals(whole, tokens);
    assertEquals(0, place % pieces.places());
    assertFalse(pieces.goesOn(place));
    assertEquals(3, pieces.steps());
    assertEquals(3, pieces.window());
  }

  private static void add(Batch batch, List<Integer> tokens) {
    Inputs.Tokens all = (Inputs.Tokens) batch.inputs();
    for (int row = 0; row < batch.steps() * batch.batch(); row++) {
      tokens.add(all.tokens()[all.from() + row]);
    }
  }

  @Test
  void pieces_thatAShorterBatchLacks_arePassedOver() {
    List<Example> examples = List.of(example(2), example(2), example(8), example(5));
    SequenceData data = new SequenceData(examples, 2, OptionalLong.empty());
    PiecesOfBatches pieces = new PiecesOfBatches(data, 3);
    assertEquals(3 * data.places(), pieces.places());
    assertEquals(2, pieces.batch(0).steps());
    assertEquals(3, pieces.next(0));
    assertFalse(pieces.goesOn(3));
    assertEquals(4, pieces.next(3));
    assertTrue(pieces.goesOn(4));
    assertEquals(2, pieces.batch(5).steps());
    assertEquals(6, pieces.next(5));
  }

  private static Example example(int steps) {
    Matrix numbers = Matrix.allocate(ElementType.FLOAT32, steps, 1);
    return Example.ofClasses(new Inputs.Vectors(numbers), new int[steps]);
  }

  @Test
  void pieces_ofMoreStepsThanABatchHas_areTheBatches() {
    PiecesOfBatches pieces = new PiecesOfBatches(text, 100);
    assertEquals(text.places(), pieces.places());
    assertEquals(7, pieces.batch(1).steps());
    assertEquals(7, pieces.steps());
    assertThrows(IllegalArgumentException.class, () -> new PiecesOfBatches(text, 0));
  }
}
