package dev.unfold.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.ml.param.Param;
import org.junit.jupiter.api.Test;

final class OptionParamsTest {
  @Test
  void params_ofEachEstimator_areTheOptionsOfItsTraining() {
    for (TrainingEstimator<?, ?> estimator :
        List.of(
            new SequenceForecaster(),
            new SequenceClassifier(),
            new SequenceTagger(),
            new LanguageModelTrainer())) {
      Set<String> names = new TreeSet<>();
      for (Param<?> param : estimator.params()) {
        if (!estimator.isOfPlace(param) && !estimator.isOfRows(param)) {
          names.add(OptionParams.optionName(param.name()));
        }
      }
      assertEquals(new TreeSet<>(estimator.kind().names()), names, estimator.uid());
    }
  }

  @Test
  void explained_eachParam_saysWhatItIs() {
    String all = new SequenceForecaster().explainParams();
    assertTrue(all.contains("horizon: H, steps to be foreseen (undefined)"), all);
    assertTrue(all.contains("workers: W, tasks that train together (default: 1)"), all);
  }
}
