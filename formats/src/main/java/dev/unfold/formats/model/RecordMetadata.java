package dev.unfold.formats.model;

import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.train.Later;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// A record of numbers as metadata, by the names of its components: `bestUpdate` is `best_update` after a prefix.
///
/// A component is an `int`, a `long` or a `double`; a list of `Double`s, which is one text; or an `Optional` record,
/// whose components have its name before theirs, and are absent if it is empty.
final class RecordMetadata {
  private static final int MOST_NUMBERS = 10_000_000;

  private RecordMetadata() {}

  static void write(String prefix, Record all, Map<String, String> metadata) {
    for (RecordComponent component : all.getClass().getRecordComponents()) {
      String key = prefix + name(component);
      switch (value(component, all)) {
        case Number number -> metadata.put(key, number.toString());
        case List<?> numbers ->
            metadata.put(
                key, numbers.stream().map(Object::toString).collect(Collectors.joining(" ")));
        case Optional<?> inner ->
            inner.ifPresent(record -> write(key + "_", (Record) record, metadata));
        case Object other ->
            throw new IllegalArgumentException(
                key + ": expected numbers, got " + other.getClass().getName());
      }
    }
  }

  /// Reads a record.
  ///
  /// @param start has the values of components that are marked with [Later], where the metadata lack them
  ///
  /// **Errors**: [FormatException] for metadata that lack another, or have something else there;
  /// [IllegalArgumentException] for what the record refuses.
  static <R extends Record> R read(String prefix, R start, Metadata metadata) {
    RecordComponent[] components = start.getClass().getRecordComponents();
    Object[] values = new Object[components.length];
    for (int i = 0; i < values.length; i++) {
      String key = prefix + name(components[i]);
      boolean isLater = components[i].isAnnotationPresent(Later.class);
      values[i] =
          isLater && !metadata.has(key)
              ? value(components[i], start)
              : value(components[i], key, metadata);
    }
    @SuppressWarnings("unchecked") // The class of an R.
    Class<R> type = (Class<R>) start.getClass();
    return made(type, values);
  }

  private static Object value(RecordComponent component, String key, Metadata metadata) {
    Class<?> type = component.getType();
    if (type == int.class) {
      return metadata.parse(key, "a whole number of at most 31 bits", Integer::valueOf);
    }
    if (type == long.class) {
      return metadata.parse(key, "a whole number", Long::valueOf);
    }
    if (type == double.class) {
      return metadata.number(key);
    }
    return type == List.class
        ? metadata.parse(key, "numbers", RecordMetadata::numbers)
        : optional(component, key + "_", metadata);
  }

  private static List<Double> numbers(String text) {
    if (text.isEmpty()) {
      return List.of();
    }
    return Arrays.stream(text.split(" ", MOST_NUMBERS)).map(Double::valueOf).toList();
  }

  private static Optional<Record> optional(
      RecordComponent component, String prefix, Metadata metadata) {
    Type inner = ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[0];
    Class<? extends Record> type = ((Class<?>) inner).asSubclass(Record.class);
    RecordComponent[] components = type.getRecordComponents();
    if (Arrays.stream(components).noneMatch(each -> metadata.has(prefix + name(each)))) {
      return Optional.empty();
    }
    return Optional.of(
        made(
            type,
            Arrays.stream(components)
                .map(each -> value(each, prefix + name(each), metadata))
                .toArray()));
  }

  /// The name of a component with underscores.
  private static String name(RecordComponent component) {
    return component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }

  private static Object value(RecordComponent component, Record of) {
    try {
      return component.getAccessor().invoke(of);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(component + " cannot be read", e);
    }
  }

  private static <R extends Record> R made(Class<R> type, Object... values) {
    Class<?>[] types =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    try {
      return type.getDeclaredConstructor(types).newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException refusal) {
        throw refusal;
      }
      throw new IllegalStateException(type + " cannot be made", e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " cannot be made", e);
    }
  }
}
