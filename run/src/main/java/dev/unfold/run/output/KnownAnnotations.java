package dev.unfold.run.output;

import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.Annotated;
import tools.jackson.databind.introspect.JacksonAnnotationIntrospector;
import tools.jackson.databind.json.JsonMapper;

/// Jackson's annotations but for one that is new: a cluster's class path begins with its own jars, and those of Spark
/// 4.2 have annotations that are older than what reads them here.
public final class KnownAnnotations extends JacksonAnnotationIntrospector {
  private static final long serialVersionUID = 1;

  private KnownAnnotations() {}

  /// A mapper that looks for these alone.
  public static JsonMapper.Builder mapper() {
    return JsonMapper.builder().annotationIntrospector(new KnownAnnotations());
  }

  @Override
  public Class<?> findApplyView(MapperConfig<?> config, Annotated annotated) {
    return null;
  }
}
