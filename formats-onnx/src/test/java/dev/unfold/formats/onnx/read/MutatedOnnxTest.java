package dev.unfold.formats.onnx.read;

import static dev.unfold.formats.onnx.read.Made.body;
import static dev.unfold.formats.onnx.read.Made.node;
import static dev.unfold.formats.onnx.read.Made.random;
import static dev.unfold.formats.onnx.read.Made.tensor;
import static dev.unfold.formats.onnx.read.Made.value;
import static dev.unfold.formats.onnx.read.Made.whole;
import static dev.unfold.formats.onnx.read.Made.wholes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import dev.unfold.formats.exchange.ImportOptions;
import dev.unfold.formats.graph.GraphFile;
import dev.unfold.formats.graph.GraphTensor;
import dev.unfold.formats.graph.NumberType;
import dev.unfold.formats.onnx.message.GraphProto;
import dev.unfold.formats.onnx.message.ModelProto;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// ONNX files and files of graphs that were changed are read or refused: nothing else is thrown, and no memory is taken
/// that the file only claims.
final class MutatedOnnxTest {
  private static final Kernels KERNELS = Backends.named("scalar", Precision.FLOAT);

  /// What a small file takes, the equations of the cells that it is compared with included.
  private static final long HEAP_BYTES = 16_000_000;

  @TempDir private Path folder;

  private record Case(String name, byte[] content) {}

  @Test
  void read_ofMutatedFiles_readsOrRefusesWithLittleMemory() throws IOException {
    mutate(1_500);
  }

  /// In a process with little memory: see CONTRIBUTING.
  @Test
  @Tag("slow")
  void read_ofAMillionMutatedFiles_readsOrRefusesWithLittleMemory() throws IOException {
    mutate(Integer.getInteger("unfold.mutations", 1_000_000));
  }

  private void mutate(int count) throws IOException {
    long seed = Long.getLong("unfold.seed", 20261129L);
    System.out.printf("%d mutations, seed %d (-Dunfold.seed=%d)%n", count, seed, seed);
    List<Case> cases = cases();
    for (Case valid : cases) {
      read(Files.write(folder.resolve(valid.name()), valid.content()));
    }
    Map<String, int[]> outcomes = new TreeMap<>();
    long longest = 0;
    long slowest = 0;
    long most = 0;
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (int i = 0; i < count; i++) {
      Case valid = cases.get(i % cases.size());
      byte[] mutated = new OnnxMutations(seed + i).of(valid.content(), valid.name());
      Path file = Files.write(folder.resolve("mutated" + i + valid.name()), mutated);
      long heap = threads.getCurrentThreadAllocatedBytes();
      long start = threads.getCurrentThreadCpuTime();
      boolean isRead = isRead(file, "seed " + (seed + i));
      long bytes = threads.getCurrentThreadAllocatedBytes() - heap;
      long nanos = threads.getCurrentThreadCpuTime() - start;
      if (nanos > longest) {
        longest = nanos;
        slowest = seed + i;
      }
      most = Math.max(most, bytes);
      assertTrue(
          bytes < HEAP_BYTES + 64L * mutated.length,
          "seed " + (seed + i) + ": " + bytes + " bytes");
      outcomes.computeIfAbsent(valid.name(), name -> new int[2])[isRead ? 1 : 0]++;
      Files.delete(file);
    }
    System.out.printf(
        "longest %d ms of a processor, seed %d; most %d bytes%n",
        longest / 1_000_000, slowest, most);
    outcomes.forEach((name, counts) -> {
      System.out.printf("%s: refused %d, read %d%n", name, counts[0], counts[1]);
      assertTrue(counts[0] > 0 && counts[1] > 0, name);
    });
  }

  private static boolean isRead(Path file, String which) {
    try {
      read(file);
      return true;
    } catch (FormatException e) {
      assertTrue(e.getMessage().startsWith(file.toString()), which + ": " + e.getMessage());
      assertEquals(1, e.getMessage().lines().count(), which);
      return false;
    } catch (RuntimeException | Error e) {
      return fail(which + ", " + file + ": expected FormatException, got " + e, e);
    }
  }

  private static void read(Path file) {
    if (file.toString().endsWith(".onnx")) {
      OnnxReader.read(file, ImportOptions.defaults(KERNELS));
    } else {
      GraphFile.load(file);
    }
  }

  private List<Case> cases() throws IOException {
    List<Case> all = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(3);
    Map<String, GraphProto> graphs =
        new TreeMap<>(
            Map.of("layers", layers(random), "branches", branches(), "scan", scan(random)));
    for (Map.Entry<String, GraphProto> entry : graphs.entrySet()) {
      ModelProto model = Made.model(17, entry.getValue());
      Path file = Files.write(folder.resolve("case.onnx"), model.toByteArray());
      all.add(new Case(entry.getKey() + ".onnx", model.toByteArray()));
      Path saved = folder.resolve("case.safetensors");
      GraphFile.save(saved, OnnxFile.read(file).graph());
      all.add(new Case(entry.getKey() + ".safetensors", Files.readAllBytes(saved)));
    }
    return all;
  }

  private static GraphProto layers(SplittableRandom random) {
    return GraphProto.newBuilder()
        .setName("layers")
        .addInput(value("x", NumberType.FLOAT32, -1, -1, 3))
        .addInitializer(tensor("w", random(random, 2, 6, 3)))
        .addInitializer(tensor("r", random(random, 2, 6, 2)))
        .addInitializer(tensor("b", random(random, 2, 12)))
        .addInitializer(tensor("shape", Made.list(0, 0, -1)))
        .addInitializer(tensor("head", random(random, 4, 3)))
        .addInitializer(tensor("bias", random(random, 3)))
        .addNode(
            node("GRU", "x w r b", "all last")
                .addAttribute(Made.text("direction", "bidirectional"))
                .addAttribute(whole("hidden_size", 2)))
        .addNode(node("Transpose", "all", "turned").addAttribute(wholes("perm", 0, 2, 1, 3)))
        .addNode(node("Reshape", "turned shape", "seq"))
        .addNode(node("MatMul", "seq head", "product"))
        .addNode(node("Add", "product bias", "net"))
        .addNode(node("Softmax", "net", "y"))
        .addOutput(value("y", 1))
        .build();
  }

  private static GraphProto branches() {
    GraphProto inner =
        GraphProto.newBuilder()
            .setName("inner")
            .addNode(node("Neg", "x", "inner.y"))
            .addOutput(value("inner.y", 1))
            .build();
    GraphProto outer =
        GraphProto.newBuilder()
            .setName("outer")
            .addNode(
                node("If", "flag", "outer.y")
                    .addAttribute(body("then_branch", inner))
                    .addAttribute(body("else_branch", inner)))
            .addOutput(value("outer.y", 1))
            .build();
    return GraphProto.newBuilder()
        .setName("branches")
        .addInput(value("x", NumberType.FLOAT32, 2, 8))
        .addInput(value("flag", NumberType.BOOL))
        .addInitializer(tensor("yes", GraphTensor.ofWholes(NumberType.BOOL, List.of(), 1)))
        .addInitializer(tensor("from", Made.list(1)))
        .addInitializer(tensor("until", Made.list(7)))
        .addInitializer(tensor("axes", Made.list(1)))
        .addInitializer(tensor("big", Made.list(4, 4, 4)))
        .addNode(
            node("If", "yes", "chosen")
                .addAttribute(body("then_branch", outer))
                .addAttribute(body("else_branch", outer)))
        .addNode(node("Slice", "chosen from until axes", "some"))
        .addNode(node("ConstantOfShape", "big", "zeros"))
        .addNode(node("Tile", "zeros big", "tiles"))
        .addNode(node("ReduceSum", "tiles", "sum"))
        .addNode(node("Add", "some sum", "y"))
        .addOutput(value("y", 1))
        .build();
  }

  private static GraphProto scan(SplittableRandom random) {
    GraphProto step =
        GraphProto.newBuilder()
            .setName("step")
            .addInput(value("h", NumberType.FLOAT32, 1, 2))
            .addInput(value("s", NumberType.FLOAT32, 1, 2))
            .addNode(node("MatMul", "h u", "hu"))
            .addNode(node("Add", "s hu", "net"))
            .addNode(node("Tanh", "net", "next"))
            .addNode(node("Identity", "next", "out"))
            .addOutput(value("next", NumberType.FLOAT32, 1, 2))
            .addOutput(value("out", NumberType.FLOAT32, 1, 2))
            .build();
    return GraphProto.newBuilder()
        .setName("scan")
        .addInput(value("x", NumberType.FLOAT32, -1, 1, 3))
        .addInitializer(tensor("w", random(random, 3, 2)))
        .addInitializer(tensor("u", random(random, 2, 2)))
        .addInitializer(tensor("zeros", GraphTensor.zeros(NumberType.FLOAT32, List.of(1, 2))))
        .addNode(node("MatMul", "x w", "share"))
        .addNode(
            node("Scan", "zeros share", "last all")
                .addAttribute(body("body", step))
                .addAttribute(whole("num_scan_inputs", 1)))
        .addOutput(value("all", 1))
        .build();
  }
}
