/// Models of Keras, found at run time as a format of models.
@SuppressWarnings("requires-automatic")
module dev.unfold.formats.keras {
  // LZF, commons-lang3 and SLF4J are jhdf's, which has no descriptor that would say so.
  requires transitive dev.unfold.formats;
  requires com.ning.compress.lzf;
  requires io.jhdf;
  requires org.apache.commons.lang3;
  requires org.slf4j;
  requires tools.jackson.databind;

  provides dev.unfold.formats.exchange.ModelFormat with
      dev.unfold.formats.keras.KerasFormat;

  exports dev.unfold.formats.keras;
}
