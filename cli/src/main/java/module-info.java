/// The command line.
module dev.unfold.cli {
  requires dev.unfold.measure;
  requires dev.unfold.run;
  requires info.picocli;
  requires jdk.management;
  requires me.tongfei.progressbar;

  uses dev.unfold.argument.ModuleCommand;
  uses dev.unfold.run.job.TrainingSite;

  provides dev.unfold.run.job.CommandProgram with
      dev.unfold.cli.Program;

  opens dev.unfold.cli to
      info.picocli;
  opens dev.unfold.cli.bench to
      info.picocli,
      tools.jackson.databind;
  opens dev.unfold.cli.command to
      info.picocli,
      tools.jackson.databind;
  opens dev.unfold.cli.option to
      info.picocli;
  opens dev.unfold.cli.report to
      tools.jackson.databind;
}
