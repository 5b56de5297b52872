package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The small languages of options: each part has a meaning and an effect, or is refused by the option's name.
final class OptionLanguagesTest {
  @TempDir private Path folder;

  private Cli train(String... options) throws Exception {
    List<Object> line =
        new ArrayList<>(List.of("train", "text", Texts.write(folder.resolve("text"), 100)));
    line.addAll(List.of("--epochs", 1, "--steps", 8, "--batch", 2, "--hidden", 4));
    line.addAll(List.of("--out", folder.resolve("m"), "--run", folder.resolve("run")));
    line.addAll(List.of(options));
    return Cli.run(line.toArray());
  }

  private void assertRefused(String option, String... options) throws Exception {
    Cli cli = train(options);

    assertEquals(2, cli.exitCode(), () -> List.of(options) + ": " + cli);
    assertEquals(1, cli.err().size(), cli::toString);
    assertTrue(cli.err().getFirst().startsWith("unfold: " + option + ": "), cli::toString);
    assertTrue(cli.err().getFirst().contains("expected "), cli::toString);
    assertTrue(cli.err().getFirst().contains("got "), cli::toString);
    assertEquals("", cli.out());
    assertFalse(Files.exists(folder.resolve("run")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--wiring=,",
        "--wiring=",
        "--wiring=tied,",
        "--wiring=,tied",
        "--wiring=tied,tied",
        "--wiring=Tied",
        "--init=,",
        "--init=",
        "--init=bias=0,",
        "--init=bias=0,bias=1",
        "--init=bias=1e400",
        "--init=bias=1f",
        "--init=bias=0x1",
        "--init=bias=",
        "--init=bias",
        "--init=bias=uniform:",
        "--init=bias=uniform:1e400",
        "--init=bias=uniform:0",
        "--init=bias=normal:NaN",
        "--init==1",
        "--schedule=",
        "--schedule=,",
        "--schedule=constant,",
        "--schedule=constant,x=1",
        "--schedule=step,every=1.5",
        "--schedule=step,every=1e400",
        "--schedule=step,every=1,every=2",
        "--schedule=exponential,factor=Infinity",
        "--schedule=cosine,to=0 ,warmup=1x",
        "--optimizer=",
        "--optimizer=,",
        "--optimizer=adam,",
        "--optimizer=adam,eps=1e400",
        "--optimizer=adam,eps=1e-400",
        "--optimizer=adam,eps=1d",
        "--optimizer=sgd,nesterov=1",
        "--optimizer=sgd,momentum=0.9,nesterov=0.5",
        "--optimizer=sgd momentum=0.9",
        "--dropout=",
        "--dropout=,",
        "--dropout=0.1,",
        "--dropout=0.1,0.2",
        "--dropout==0.5",
        "--dropout=input=0.1,input=0.2",
        "--dropout=0.1,input=0.2",
        "--dropout=input=1e400",
        "--dropout=input=0.1f",
        "--dropout=variational",
        "--dropout=variational=1",
        "--dropout=input=0.1,variational,variational",
        "--dropout=none,input=0.1",
        "--clip=",
        "--clip=1e400",
        "--clip=Infinity",
        "--clip=NaN",
        "--clip=value=1e400",
        "--clip=value=",
        "--clip=1,2",
        "--clip=1f",
        "--clip=0x1p3",
        "--clip= 1",
        "--size=,",
        "--size=",
        "--size=P",
        "--size==3",
        "--size=P=3,P=4",
        "--size=P=1e400",
        "--size=P=2.5",
        "--size= P=3",
        "--wiring= tied",
        "--init=bias=0 ",
        "--schedule= step",
        "--dropout=0.1 ",
        "--group= .*,rate=2",
        "--group=,rate=2",
        "--memory= 64MB",
        "--average=,",
        "--average=always,from=1e400",
        "--average=triggered,memory=1,",
        "--group=",
        "--group=,",
        "--group=.*",
        "--group=.*,rate=1e400",
        "--group=.*,rate=1,rate=2",
        "--group=.*,rate=-1",
        "--group=.*,rate=NaN",
        "--group=nothing,rate=2",
        "--group=bias,rate=2",
        "--steps=auto:",
        "--steps=auto:1e400",
        "--steps=auto:1e-400",
        "--steps=auto:0.1,",
        "--steps=auto:0.1,most=0",
        "--steps=8,9",
        "--memory=",
        "--memory=1e400",
        "--memory=,"
      })
  void part_withoutMeaning_isRefused(String option) throws Exception {
    String name = option.substring(0, option.indexOf('='));
    if (name.equals("--steps")) {
      List<Object> line =
          List.of("train", "text", Texts.write(folder.resolve("text"), 100), option);
      Cli cli = Cli.run(line.toArray());
      assertEquals(2, cli.exitCode(), cli::toString);
      assertTrue(cli.err().getFirst().startsWith("unfold: --steps: expected "), cli::toString);
    } else {
      assertRefused(name, option);
    }
  }

  @Test
  void group_behindOneThatHasAllItsParameters_isRefused() throws Exception {
    assertRefused("--group", "--group", ".*,decay=0", "--group", "bias.*,rate=2");
  }

  @Test
  void option_withoutEffect_isRefused() throws Exception {
    assertRefused("--wiring", "--wiring=residual");
    assertRefused("--dropout", "--dropout=between=0.1");
    assertRefused("--dropout", "--cell=mingru", "--dropout=state=0.1");
    assertRefused("--dropout", "--cell=indrnn", "--dropout=weights=0.1");
    assertRefused("--init", "--cell=mingru", "--init=recurrent=orthogonal");
  }

  @Test
  void layers_eachOfItsOwn_areTaken() throws Exception {
    Cli cli =
        train(
            "--layers=lstm:6,gru,elman:5,elman:5:residual",
            "--dropout=between=0.1,zoneout.h=0.1",
            "--init=forget=1");

    assertEquals(0, cli.exitCode(), cli::toString);
    assertTrue(cli.out().contains("lstm:6,gru:4,elman:5,elman:5:residual, "), cli::toString);
  }

  @Test
  void options_withMeaningAndEffect_areTaken() throws Exception {
    Cli cli =
        train(
            "--layers=2",
            "--cell=lstm_projected",
            "--size=P=3",
            "--wiring=residual,factored",
            "--init=recurrent=orthogonal, bias=-1e-2",
            "--init=forget=+.5",
            "--schedule=cosine,to=1e-3,warmup=2",
            "--optimizer=sgd,momentum=0.9,nesterov=1",
            "--dropout=0.1,variational,state=0.1,weights=0.1,zoneout.c=0.1",
            "--clip=value=1e300",
            "--group=bias.*,decay=0",
            "--group=head\\.weight,rate=0.5",
            "--average=triggered,memory=1");

    assertEquals(0, cli.exitCode(), cli::toString);
  }
}
