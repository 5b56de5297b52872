package dev.unfold.spark;

import dev.unfold.run.job.NamedOptions;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.StringArrayParam;

/// Parameters that are options of the command line by their names, `min-count` as `minCount`.
///
/// @param <M> what is trained
/// @param <E> the estimator itself
public abstract class OptionParams<M extends Model<M>, E> extends Estimator<M> {
  private static final long serialVersionUID = 1;

  private final String uid;

  OptionParams(String uid) {
    // Parameters ask for it when they are made.
    this.uid = uid;
    super();
  }

  @Override
  public final String uid() {
    return uid;
  }

  /// A parameter that is a text.
  protected final Param<String> text(String name, String doc) {
    return new Param<>(this, name, doc);
  }

  /// A parameter that is a whole number.
  protected final IntParam whole(String name, String doc) {
    return new IntParam(this, name, doc);
  }

  /// A parameter that is a number.
  protected final DoubleParam number(String name, String doc) {
    return new DoubleParam(this, name, doc);
  }

  /// A parameter that is true or false.
  protected final BooleanParam flag(String name, String doc) {
    return new BooleanParam(this, name, doc);
  }

  /// A parameter that is a list of columns.
  protected final StringArrayParam columns(String name, String doc) {
    return new StringArrayParam(this, name, doc);
  }

  /// Sets `param`.
  @SuppressWarnings("unchecked")
  protected final <T> E with(Param<T> param, T value) {
    set(param, value);
    return (E) this;
  }

  /// The options that were set, by their names on the command line.
  NamedOptions options() {
    Map<String, String> said = new HashMap<>();
    for (Param<?> param : params()) {
      if (isSet(param) && !isOfPlace(param) && !isOfRows(param)) {
        Object value = getOrDefault(param);
        said.put(
            optionName(param.name()),
            value instanceof String[] several ? String.join(",", several) : value.toString());
      }
    }
    return new NamedOptions(said);
  }

  /// Whether a parameter says where a training runs, and not what it is.
  abstract boolean isOfPlace(Param<?> param);

  /// Whether a parameter says how rows come in, and is no option of the training.
  boolean isOfRows(Param<?> param) {
    return false;
  }

  /// `min-count` of `minCount`.
  static String optionName(String name) {
    return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }
}
