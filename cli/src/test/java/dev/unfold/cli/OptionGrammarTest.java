package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unfold.argument.Refusal;
import dev.unfold.cell.library.Cells;
import dev.unfold.model.LayerText;
import dev.unfold.model.Noise;
import dev.unfold.model.Wirings;
import dev.unfold.model.init.Initialization;
import dev.unfold.run.output.MemorySize;
import dev.unfold.train.data.Windows;
import dev.unfold.train.update.Averaging;
import dev.unfold.train.update.Clip;
import dev.unfold.train.update.OptimizerSpec;
import dev.unfold.train.update.ParameterGroup;
import dev.unfold.train.update.Schedule;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// All small languages of options have one grammar: what is written is read as it was, and what is no part of the
/// grammar is refused by the option's name.
final class OptionGrammarTest {
  /// A number where the grammar has one: a part, what follows a sign of equality, or what follows a colon.
  private static final Pattern NUMBER = Pattern.compile("(?<=^|[=:,])[0-9.]+(?:E-?[0-9]+)?(?=,|$)");

  private static final List<String> NO_NUMBERS =
      List.of("", "NaN", "Infinity", "1e400", "1e-400", "1f", "0x1", "1 2", "1,", "-1e400", "--1");

  /// @param again a text, read and written
  /// @param texts each as it is written
  record Language(String option, UnaryOperator<String> again, List<String> texts) {
    @Override
    public String toString() {
      return option;
    }
  }

  private static <T> Language language(
      String option, Function<String, T> parse, Function<T, String> text, String... texts) {
    return new Language(option, each -> text.apply(parse.apply(each)), List.of(texts));
  }

  static Stream<Language> languages() {
    return Stream.of(
        language(
            "schedule",
            Schedule::parse,
            Schedule::text,
            "constant",
            "step,every=2,factor=0.25,from=3",
            "exponential,factor=0.9",
            "cosine,to=0.1,warmup=5",
            "linear,to=0.0,warmup=0",
            "one-cycle,start=0.1,up=0.5,end=0.01",
            "plateau,factor=0.5,patience=4",
            "halve,by=1.0E-4"),
        language(
            "optimizer",
            OptimizerSpec::parse,
            OptimizerSpec::text,
            "sgd",
            "sgd,momentum=0.9,nesterov=1",
            "sgd,momentum=0.9,dampening=0.1",
            "adagrad,eps=1.0E-5",
            "rmsprop,alpha=0.5,eps=0.1",
            "adam",
            "adam,beta1=0.5,beta2=0.25,eps=1.0E-7"),
        language(
            "layers",
            text -> LayerText.parse("layers", text, OptionalInt.empty(), Cells::named),
            LayerText::of,
            "lstm:64",
            "lstm:64,gru:32:both,gru:32:both",
            "elman:8,elman:8:residual,lstm_projected:8:P=5"),
        language(
            "average",
            Averaging::parse,
            Averaging::text,
            "none",
            "always,from=7",
            "triggered,memory=3"),
        language("clip", Clip::parse, Clip::text, "none", "0.5", "1.0E300", "value=0.25"),
        language(
            "group",
            ParameterGroup::parse,
            ParameterGroup::text,
            ".*bias.*,rate=0.5,decay=0.0",
            "head\\.weight,rate=1.0,decay=2.0"),
        language(
            "dropout",
            Noise::parse,
            Noise::text,
            "none",
            "input=0.1",
            "input=0.1,between=0.2,output=0.3,variational,state=0.4,weights=0.5,zoneout.c=0.6,"
                + "zoneout.h=0.7"),
        language(
            "init",
            Initialization::parse,
            Initialization::text,
            "default",
            "embedding=normal:0.1,input=xavier_uniform,recurrent=orthogonal,readout=he_normal,"
                + "bias=uniform:0.2,forget=1.0",
            "recurrent=identity,bias=0.0"),
        language("steps", Windows::parse, Windows::text, "64", "auto:0.1,most=256"),
        language(
            "wiring",
            text -> Wirings.parse(List.of(text)),
            Wirings::text,
            "tied",
            "factored,residual,tied"),
        language("memory", MemorySize::parse, size -> "", "64MB", "1.5GiB", "5%", "800"));
  }

  @ParameterizedTest
  @MethodSource("languages")
  void text_ofAValue_isReadAndWrittenAsItWas(Language language) {
    for (String text : language.texts()) {
      if (!language.option().equals("memory")) {
        assertEquals(text, language.again().apply(text));
        assertEquals(text, language.again().apply(text.replace(",", " , ").replace("=", " = ")));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("languages")
  void text_outOfTheGrammar_isRefusedInOneLine(Language language) {
    for (String text : language.texts()) {
      List<String> all = hostile(text);
      if (!language.option().equals("layers")) {
        all.addAll(repeated(text));
      }
      for (String hostile : all) {
        String came = language.option() + " \"" + hostile + "\"";
        Refusal refusal = assertThrows(Refusal.class, () -> language.again().apply(hostile), came);
        assertEquals(language.option(), refusal.argument(), came);
        assertFalse(refusal.got().isEmpty(), came);
      }
    }
  }

  /// Refused unless parts are a sequence, as layers are.
  private static List<String> repeated(String text) {
    List<String> all = new ArrayList<>(List.of(text + "," + text));
    if (text.contains(",")) {
      for (String part : text.split(",", -1)) {
        all.add(text + "," + part);
      }
    }
    return all;
  }

  private static List<String> hostile(String text) {
    List<String> all = new ArrayList<>(List.of("", " ", ",", "=", ":", "=1", "x=1", "1e400", "?"));
    all.addAll(List.of(text + ",", "," + text, text + ",,", " " + text, text + " ", text + "\t"));
    all.addAll(List.of(text + ",x=1", text + ",=1", text + ",x", text + "=", text + ",NaN"));
    for (String part : text.split(",", -1)) {
      if (part.contains("=")) {
        all.add(text.replace(part, part.replaceFirst("=.*", "")));
        all.add(text.replace(part, "no" + part));
      }
    }
    Matcher number = NUMBER.matcher(text);
    while (number.find()) {
      for (String none : NO_NUMBERS) {
        all.add(text.substring(0, number.start()) + none + text.substring(number.end()));
      }
    }
    return all;
  }
}
