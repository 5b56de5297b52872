package dev.unfold.run.inspect;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;

/// The map of the lowest layer as a PNG file: a square of equal pixels for each number, white where there is no error.
/// There are no words, which would need fonts that a server may lack.
public final class InspectionPixels {
  /// How such a file starts.
  public static final String START = "\u0089PNG";

  /// The least pixels of a side, and so how large the squares are.
  private static final int SIDE = 512;

  private static final int WHITE = 0xffffff;

  private InspectionPixels() {}

  public static byte[] of(Inspection inspection) {
    double[][] norms = inspection.layers().getFirst().norms();
    double largest = Inspection.largest(norms);
    int steps = inspection.steps();
    int width = Math.ceilDiv(SIDE, steps);
    int height = Math.max(1, width * steps / norms.length);
    BufferedImage image =
        new BufferedImage(steps * width, norms.length * height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        double norm = norms[y / height][x / width];
        image.setRGB(x, y, norm > 0 ? InspectionPicture.color(norm / largest) : WHITE);
      }
    }
    try (ByteArrayOutputStream bytes = new ByteArrayOutputStream()) {
      ImageIO.write(image, "png", bytes);
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
