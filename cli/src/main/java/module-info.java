/// The command line.
module dev.unfold.cli {
  requires dev.unfold.core;
  requires dev.unfold.data;
  requires dev.unfold.formats;
  requires info.picocli;
  // For pictures as PNG.
  requires java.desktop;
  requires jdk.management;
  // For sun.misc.Signal, by reflection.
  requires jdk.unsupported;
  requires me.tongfei.progressbar;
  requires tools.jackson.databind;

  opens dev.unfold.cli to
      info.picocli,
      tools.jackson.databind;
}
