/// Training runs, for a command line, a server, or whatever else starts them.
module dev.unfold.run {
  requires transitive dev.unfold.core;
  requires transitive dev.unfold.data;
  requires transitive dev.unfold.formats;
  // For pictures as PNG.
  requires java.desktop;
  requires jdk.management;
  // For sun.misc.Signal, by reflection.
  requires jdk.unsupported;
  requires transitive tools.jackson.databind;

  exports dev.unfold.run;
  exports dev.unfold.run.folder;
  exports dev.unfold.run.generated;
  exports dev.unfold.run.inspect;
  exports dev.unfold.run.job;
  exports dev.unfold.run.label;
  exports dev.unfold.run.learn;
  exports dev.unfold.run.output;
  exports dev.unfold.run.report;
  exports dev.unfold.run.ring;
  exports dev.unfold.run.score;
  exports dev.unfold.run.series;
  exports dev.unfold.run.session;
  exports dev.unfold.run.task;

  opens dev.unfold.run.folder to
      tools.jackson.databind;
  opens dev.unfold.run.series to
      tools.jackson.databind;
  opens dev.unfold.run.inspect to
      tools.jackson.databind;
}
