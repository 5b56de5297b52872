package dev.unfold.run.inspect;

/// The map of the lowest layer as an SVG file.
public final class InspectionPicture {
  private static final int SIZE = 640;
  private static final int MARGIN = 60;
  private static final double DECADES = 10;

  private InspectionPicture() {}

  public static String of(Inspection inspection) {
    Inspection.LayerFlow layer = inspection.layers().getFirst();
    double largest = Inspection.largest(layer.norms());
    int rows = layer.norms().length;
    int steps = inspection.steps();
    double width = (double) SIZE / steps;
    double height = (double) SIZE / rows;
    StringBuilder svg = new StringBuilder();
    svg.append(
        ("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
             + " font-family=\"sans-serif\" font-size=\"14\" shape-rendering=\"crispEdges\">%n<rect"
             + " width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n")
            .formatted(SIZE + 2 * MARGIN, SIZE + 2 * MARGIN));
    for (int i = 0; i < rows; i++) {
      for (int t = 0; t < steps; t++) {
        double norm = layer.norms()[i][t];
        if (norm > 0) {
          svg.append(
              "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"#%06x\"/>%n"
                  .formatted(
                      MARGIN + t * width,
                      MARGIN + i * height,
                      width,
                      height,
                      color(norm / largest)));
        }
      }
    }
    svg.append(
        ("<text x=\"%d\" y=\"%d\">%s, layer %s: |delta(t', t)|, log scale over %.0f"
                + " decades</text>%n")
            .formatted(MARGIN, MARGIN - 16, inspection.cell(), layer.name(), DECADES));
    svg.append(
        "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">step t' (0 to %d)</text>%n"
            .formatted(MARGIN + SIZE / 2, MARGIN + SIZE + 30, steps - 1));
    svg.append(
        ("<text transform=\"translate(%d %d) rotate(-90)\" text-anchor=\"middle\">error time"
                + " t</text>%n")
            .formatted(MARGIN - 20, MARGIN + SIZE / 2));
    return svg.append("</svg>\n").toString();
  }

  /// From dark to bright, as on the page: red, green and blue in a byte each.
  ///
  /// @param size of the largest norm
  static int color(double size) {
    double share = Math.clamp(1 + Math.log10(size) / DECADES, 0, 1);
    double red = Math.clamp(1.35 * share - 0.15, 0, 1);
    double green = 0.95 * share * share * share;
    double blue = 0.35 + 0.40 * Math.sin(Math.PI * Math.min(1, 1.2 * share));
    return (int) Math.round(255 * red) << 16
        | (int) Math.round(255 * green) << 8
        | (int) Math.round(255 * blue);
  }
}
