package dev.unfold.formats.torch;

import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.formats.safetensors.Quote;
import dev.unfold.formats.torch.PickleValue.Global;
import dev.unfold.formats.torch.PickleValue.None;
import dev.unfold.formats.torch.PickleValue.Tuple;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/// Reads a pickle of protocol 2 to 5 without running anything: it knows texts, numbers, lists, dicts, tuples, and the
/// few names that state dicts are made with. Everything else is refused by its name.
///
/// **Memory**: a small multiple of the file's length. Each operation makes one small thing, which may take 64 times the
/// byte that asks for it, and a pickle may be compressed; so operations are counted against the bytes of the file.
final class PickleMachine {
  /// How many operations a file of any size may have.
  private static final long ALWAYS = 1 << 14;

  /// How many bytes of the file an operation takes at least; that of `torch.save` has about ten.
  private static final int OPERATION = 2;

  private final String file;
  private final ByteBuffer bytes;
  private final List<Object> stack = new ArrayList<>();
  private final List<Integer> marks = new ArrayList<>();
  private final Map<Integer, Object> memo = new HashMap<>();

  private long left;

  private PickleMachine(String file, byte[] pickle, long length) {
    this.file = file;
    left = Math.max(ALWAYS, length / OPERATION);
    bytes = ByteBuffer.wrap(pickle).order(ByteOrder.LITTLE_ENDIAN);
  }

  /// What `pickle` holds: [String], [Long], [Double], [Boolean], `byte[]`, [List], [Map] with keys that are texts or
  /// numbers, [TensorView], [Storage] or a [PickleValue].
  ///
  /// @param length how many bytes the file has that the pickle is in
  ///
  /// **Errors**: [FormatException].
  static Object read(String file, byte[] pickle, long length) {
    return new PickleMachine(file, pickle, length).run();
  }

  private Object run() {
    try {
      while (true) {
        int code = bytes.get() & 0xFF;
        if (code == '.') {
          return pop();
        }
        spend(1);
        step(code);
      }
    } catch (BufferUnderflowException e) {
      throw refusal("ended before its end mark", e);
    }
  }

  private FormatException refusal(String what) {
    return refusal(what, null);
  }

  private FormatException refusal(String what, Throwable cause) {
    return new FormatException(
        "%s: data.pkl: %s at byte %d".formatted(file, what, bytes.position()), cause);
  }

  private void spend(int operations) {
    left -= operations;
    if (left < 0) {
      throw refusal("expected fewer operations in a file of that size");
    }
  }

  private void step(int code) {
    switch (code) {
      case 0x80 -> protocol();
      case 0x95 -> bytes.getLong();
      case '(' -> marks.add(stack.size());
      case '0' -> pop();
      case '1' -> untilMark();
      case '2' -> push(top());
      case 'q' -> memo.put(bytes.get() & 0xFF, top());
      case 'r' -> memo.put(bytes.getInt(), top());
      case 0x94 -> memo.put(memo.size(), top());
      case 'h' -> push(remembered(bytes.get() & 0xFF));
      case 'j' -> push(remembered(bytes.getInt()));
      case 'c' -> push(known(new Global(line(), line())));
      case 0x93 -> stackGlobal();
      case 'Q' -> push(storage(pop()));
      case 'R' -> reduce();
      case 0x81 -> newObject();
      case 'b' -> build();
      default -> {
        if (!number(code) && !text(code) && !collection(code)) {
          throw refusal("operation 0x%02X is none that state dicts need,".formatted(code));
        }
      }
    }
  }

  private void protocol() {
    int version = bytes.get() & 0xFF;
    if (version < 2 || version > 5) {
      throw refusal("expected protocol 2 to 5, got " + version);
    }
  }

  private boolean number(int code) {
    switch (code) {
      case 'N' -> push(None.NONE);
      case 0x88 -> push(true);
      case 0x89 -> push(false);
      case 'J' -> push((long) bytes.getInt());
      case 'K' -> push((long) (bytes.get() & 0xFF));
      case 'M' -> push((long) (bytes.getShort() & 0xFFFF));
      case 0x8A -> push(wide(bytes.get() & 0xFF));
      case 0x8B -> push(wide(bytes.getInt()));
      case 'G' -> push(Double.longBitsToDouble(Long.reverseBytes(bytes.getLong())));
      default -> {
        return false;
      }
    }
    return true;
  }

  /// A number of any width, of which 64 bits are taken.
  private long wide(int length) {
    if (length < 0 || length > Long.BYTES) {
      throw refusal("expected whole numbers of 64 bits, got one of " + length + " bytes");
    }
    long value = 0;
    for (int i = 0; i < length; i++) {
      value |= (bytes.get() & 0xFFL) << (8 * i);
    }
    int unused = Long.SIZE - 8 * length;
    return length == 0 ? 0 : value << unused >> unused;
  }

  private boolean text(int code) {
    switch (code) {
      case 'X' -> push(string(bytes.getInt()));
      case 0x8C -> push(string(bytes.get() & 0xFF));
      case 0x8D -> push(string(bytes.getLong()));
      case 'T' -> push(string(bytes.getInt()));
      case 'U' -> push(string(bytes.get() & 0xFF));
      case 'B' -> push(raw(bytes.getInt()));
      case 'C' -> push(raw(bytes.get() & 0xFF));
      case 0x8E -> push(raw(bytes.getLong()));
      default -> {
        return false;
      }
    }
    return true;
  }

  private byte[] raw(long length) {
    if (length < 0 || length > bytes.remaining()) {
      throw refusal("a text of %d bytes is longer than the rest".formatted(length));
    }
    byte[] raw = new byte[(int) length];
    bytes.get(raw);
    return raw;
  }

  private String string(long length) {
    return new String(raw(length), StandardCharsets.UTF_8);
  }

  private String line() {
    int from = bytes.position();
    while (bytes.get() != '\n') {
      // Until the end of the line.
    }
    return new String(bytes.array(), from, bytes.position() - 1 - from, StandardCharsets.UTF_8);
  }

  private boolean collection(int code) {
    switch (code) {
      case ')' -> push(new Tuple(List.of()));
      case 't' -> push(new Tuple(untilMark()));
      case 0x85 -> push(new Tuple(last(1)));
      case 0x86 -> push(new Tuple(last(2)));
      case 0x87 -> push(new Tuple(last(3)));
      case ']' -> push(new ArrayList<>());
      case 'l' -> push(untilMark());
      case 'a' -> append(last(1));
      case 'e' -> append(untilMark());
      case '}' -> push(new LinkedHashMap<>());
      case 'd' -> {
        List<Object> pairs = untilMark();
        push(new LinkedHashMap<>());
        setItems(pairs);
      }
      case 's' -> setItems(last(2));
      case 'u' -> setItems(untilMark());
      default -> {
        return false;
      }
    }
    return true;
  }

  private void push(Object value) {
    stack.add(value);
  }

  private Object pop() {
    return last(1).getFirst();
  }

  private Object top() {
    Object top = pop();
    push(top);
    return top;
  }

  /// Takes the last `count` values off.
  private List<Object> last(int count) {
    int floor = marks.isEmpty() ? 0 : marks.getLast();
    if (stack.size() - count < floor) {
      throw refusal("a value is missing");
    }
    List<Object> end = stack.subList(stack.size() - count, stack.size());
    List<Object> values = new ArrayList<>(end);
    end.clear();
    return values;
  }

  private List<Object> untilMark() {
    if (marks.isEmpty()) {
      throw refusal("a mark is missing");
    }
    int from = marks.removeLast();
    marks.add(from);
    List<Object> values = last(stack.size() - from);
    marks.removeLast();
    return values;
  }

  private Object remembered(int index) {
    Object value = memo.get(index);
    if (value == null) {
      throw refusal("nothing was remembered as " + index);
    }
    return value;
  }

  @SuppressWarnings("unchecked")
  private void append(List<Object> values) {
    if (!(top() instanceof List<?> list)) {
      throw refusal("expected a list");
    }
    ((List<Object>) list).addAll(values);
  }

  @SuppressWarnings("unchecked")
  private void setItems(List<Object> pairs) {
    if (!(top() instanceof Map<?, ?> map) || pairs.size() % 2 != 0) {
      throw refusal("expected a dict and pairs");
    }
    for (int i = 0; i < pairs.size(); i += 2) {
      Object key = pairs.get(i);
      if (!(key instanceof String || key instanceof Long || key instanceof Double)) {
        throw refusal("expected keys that are texts or numbers");
      }
      ((Map<Object, Object>) map).put(key, pairs.get(i + 1));
    }
  }

  private void stackGlobal() {
    List<Object> names = last(2);
    if (!(names.getFirst() instanceof String module && names.getLast() instanceof String name)) {
      throw refusal("expected a name of two texts");
    }
    push(known(new Global(module, name)));
  }

  /// `global`, if it is one of those that state dicts need.
  private Global known(Global global) {
    if (!StateDictNames.isKnown(global)) {
      throw refusal(
          "holds %s, which is not read, since that would mean to run it: expected a state dict, as"
                  .formatted(Quote.of(global.text()))
              + " torch.save(model.state_dict(), FILE) writes it; found");
    }
    return global;
  }

  private Storage storage(Object id) {
    if (id instanceof Tuple(List<Object> items)
        && items.size() >= 5
        && "storage".equals(items.get(0))
        && items.get(1) instanceof Global global
        && global.module().equals("torch")
        && Storage.Type.named(global.name()) != null
        && items.get(2) instanceof String key
        && items.get(4) instanceof Long count
        && count >= 0) {
      return new Storage(Storage.Type.named(global.name()), key, count);
    }
    throw refusal("expected a storage");
  }

  private void reduce() {
    List<Object> call = last(2);
    if (!(call.getFirst() instanceof Global name
        && call.getLast() instanceof Tuple(List<Object> arguments))) {
      throw refusal("expected a name and its arguments");
    }
    if (name.equals(StateDictNames.ORDERED_DICT)) {
      push(orderedDict(arguments));
    } else if (name.equals(StateDictNames.TENSOR)) {
      push(tensor(arguments));
    } else if (name.equals(StateDictNames.PARAMETER)
        && !arguments.isEmpty()
        && arguments.getFirst() instanceof TensorView tensor) {
      push(tensor);
    } else if (name.equals(StateDictNames.SIZE)
        && arguments.size() == 1
        && arguments.getFirst() instanceof Tuple sizes) {
      push(sizes);
    } else {
      throw refusal("expected other arguments of " + Quote.plain(name.text()));
    }
  }

  /// One made empty, or of a list of pairs.
  private Map<Object, Object> orderedDict(List<Object> arguments) {
    if (!arguments.isEmpty()) {
      throw refusal("expected an OrderedDict that is filled later");
    }
    return new LinkedHashMap<>();
  }

  private TensorView tensor(List<Object> arguments) {
    if (arguments.size() >= 4
        && arguments.get(0) instanceof Storage storage
        && arguments.get(1) instanceof Long offset
        && arguments.get(2) instanceof Tuple sizes
        && arguments.get(3) instanceof Tuple strides) {
      TensorView tensor = new TensorView(storage, offset, longs(sizes), longs(strides));
      if (tensor.count() < 0) {
        throw refusal(
            "a tensor of shape %s does not lie within its storage of %d numbers"
                .formatted(Quote.plain(tensor.shape().toString()), storage.count()));
      }
      return tensor;
    }
    throw refusal("expected a tensor's storage, offset, sizes and strides");
  }

  private List<Long> longs(Tuple tuple) {
    // They are copied, whoever remembers the tuple.
    spend(tuple.items().size());
    LongStream.Builder longs = LongStream.builder();
    for (Object item : tuple.items()) {
      if (!(item instanceof Long value)) {
        throw refusal("expected sizes that are whole numbers");
      }
      longs.add(value);
    }
    return longs.build().boxed().toList();
  }

  private void newObject() {
    List<Object> call = last(2);
    if (!(call.getFirst().equals(StateDictNames.ORDERED_DICT)
        && call.getLast() instanceof Tuple(List<Object> arguments))) {
      throw refusal("expected a dict to be made");
    }
    push(orderedDict(arguments));
  }

  /// What else belongs to a dict, such as the versions of its modules, is left out.
  private void build() {
    pop();
    if (!(top() instanceof Map)) {
      throw refusal("expected a dict that something belongs to");
    }
  }
}
