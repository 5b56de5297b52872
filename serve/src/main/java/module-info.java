/// Models over HTTP.
// The client of Prometheus has no descriptors: its modules are named by their jars' manifests.
@SuppressWarnings("requires-automatic")
module dev.unfold.serve {
  requires dev.unfold.run;
  requires info.picocli;
  requires io.helidon.common.task;
  requires io.helidon.webserver;
  requires io.helidon.webserver.websocket;
  requires io.prometheus.metrics.core;
  requires io.prometheus.metrics.model;
  requires io.prometheus.writer.text;
  requires java.logging;

  provides dev.unfold.argument.ModuleCommand with
      dev.unfold.serve.ServeCommand;

  opens dev.unfold.serve to
      info.picocli;
}
