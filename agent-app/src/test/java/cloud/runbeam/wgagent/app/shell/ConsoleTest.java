package cloud.runbeam.wgagent.app.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.runbeam.wgagent.app.command.Command;
import cloud.runbeam.wgagent.app.command.Commands;
import cloud.runbeam.wgagent.app.command.FakeAgent;
import cloud.runbeam.wgagent.client.ConnectOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jline.reader.Candidate;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.Parser;
import org.jline.reader.impl.DefaultParser;
import org.jline.terminal.impl.DumbTerminal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.shell.core.command.CommandRegistry;

class ConsoleTest {
  private static final String STATUS =
      """
      {"networks":[
        {"network":"office","state":"active","interface":"wg0","health":"healthy",
         "peers":{"detail":[{"name":"laptop","public_key":"T2fC","state":"active",
           "tx_bytes":2048,"rx_bytes":1024},{"name":"phone","public_key":"abcd"}]}},
        {"network":"home","state":"stopped","interface":"wg1"}]}
      """;

  @TempDir private Path directory;
  private FakeAgent agent;
  private AgentLink link;
  private CommandCatalog catalog;
  private CommandLine line;
  private final ExitCommand exit = new ExitCommand();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final List<List<String>> verbs = new ArrayList<>();

  @BeforeEach
  void open() {
    agent = new FakeAgent(directory.resolve("control.sock"));
    agent.answers("status", STATUS);
    assemble(agent.socket());
  }

  private void assemble(Path socket) {
    link = new AgentLink(ConnectOptions.of(socket));
    ConsoleScreen screen =
        new ConsoleScreen(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            false,
            () -> 80);
    CommandRegistry registry = new CommandRegistry();
    catalog = new CommandCatalog(registry);
    for (Command command : Commands.all()) {
      catalog.add(new AgentCommand(command, link, screen));
    }
    catalog.add(new WatchCommand(Optional.empty(), link, screen));
    catalog.add(new HelpCommand(catalog, screen));
    catalog.add(exit);
    line = new CommandLine(new LineParser(catalog), catalog, registry, screen);
  }

  @AfterEach
  void close() {
    link.close();
    agent.close();
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void runsTheSameCommandsAsTheVerbs() {
    assertThat(line.run("status")).isZero();
    assertThat(out()).contains("office: active", "laptop", "home: stopped");
    assertThat(line.run("show laptop")).isZero();
    assertThat(out()).contains("sent", "2.0 KiB");
    assertThat(catalog.names()).containsAll(Commands.names());
  }

  @ParameterizedTest
  @CsvSource({
    "'', 0",
    "'   # only a comment', 0",
    "status, 0",
    "show nobody, 1",
    "disconnect office, 1",
    "statsu, 2",
    "status --nonsense, 2",
    "show, 2",
    "watch, 2",
    "status 'office, 2"
  })
  void everyLineHasAnExitCode(String text, int code) {
    agent.refuses("disconnect", "invalid_state", "network office is stopped");
    assertThat(line.run(text)).isEqualTo(code);
    assertThat(err().isEmpty()).isEqualTo(code == 0);
  }

  @Test
  void aMistakeIsToldWithWhatWasMeant() {
    line.run("statsu");
    assertThat(err()).contains("unknown command 'statsu'; did you mean 'status'?");
    line.run("why");
    assertThat(err()).contains("ADDRESS is missing", "Usage: why");
  }

  @Test
  void anAgentThatIsMissingIsToldAndOneThatComesIsFound() {
    Path late = directory.resolve("late.sock");
    assemble(late);
    assertThat(line.run("status")).isEqualTo(1);
    assertThat(err()).contains("no agent answers at " + late, "wg-agent up");
    try (FakeAgent second = new FakeAgent(late)) {
      second.answers("status", STATUS);
      assertThat(line.run("status")).isZero();
    }
  }

  @Test
  void helpWorksWithoutAnAgentAndHasExamplesForEveryCommand() {
    assemble(directory.resolve("nobody.sock"));
    assertThat(line.run("help")).isZero();
    assertThat(out()).contains(catalog.names());
    for (String name : catalog.names()) {
      out.reset();
      assertThat(line.run("help " + name)).as(name).isZero();
      assertThat(out()).contains("Usage: " + name, "Examples:");
    }
    assertThat(out().lines()).allSatisfy(each -> assertThat(each).hasSizeLessThanOrEqualTo(80));
  }

  @Test
  void aScriptEndsWithTheCodeOfWhatFailedLast() {
    assertThat(script("status\nshow nobody\nstatus\n")).isEqualTo(1);
    assertThat(script("show nobody\nnonsense\n")).isEqualTo(2);
    assertThat(script("status\n\n# done\nstatus")).isZero();
    assertThat(script("exit\nnonsense\n")).isZero();
  }

  private int script(String text) {
    ScriptConsole script =
        new ScriptConsole(
            new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
            line,
            exit,
            new ConsoleScreen(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false,
                () -> 0));
    script.run(new String[0]);
    return script.exitCode();
  }

  @Test
  void wordsAreCutAtBlanksUnlessQuoted() {
    assertThat(LineParser.words("  a  'b c' \"d 'e\" f\\ g '' "))
        .containsExactly("a", "b c", "d 'e", "f g", "");
    assertThat(LineParser.words("$HOME *.toml | rm")).containsExactly("$HOME", "*.toml", "|", "rm");
    assertThatThrownBy(() -> LineParser.words("a 'b")).isInstanceOf(LineSyntaxException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "'', status connect 'peer'",
    "'sta', status ''  ''",
    "'connect ', office home ''",
    "'show ', laptop phone ''",
    "'show lap', laptop '' ''",
    "'status --', --json '' ''",
    "'why 10.0.0.1 --network ', office home ''",
    "'peer ', set remove ''",
    "'help ', status watch ''",
    "'peer set ', office home ''"
  })
  void completesCommandsOptionsAndNamesOfTheRunningAgent(String text, String expected)
      throws Exception {
    List<String> wanted =
        List.of(expected.replace("'", "").strip().split("\\s+", -1)).stream()
            .filter(word -> !word.isEmpty())
            .toList();
    assertThat(completions(text)).containsAll(wanted);
  }

  @Test
  void completesNothingThatOnlyAnAgentKnowsWhereThereIsNone() throws Exception {
    assemble(directory.resolve("nobody.sock"));
    assertThat(completions("connect ")).isEmpty();
    assertThat(completions("")).contains("status");
  }

  private List<String> completions(String text) throws Exception {
    LineReader reader =
        LineReaderBuilder.builder()
            .terminal(new DumbTerminal(new ByteArrayInputStream(new byte[0]), out))
            .build();
    List<Candidate> candidates = new ArrayList<>();
    new LineCompleter(catalog, new NameSource(link))
        .complete(
            reader,
            new DefaultParser().parse(text, text.length(), Parser.ParseContext.COMPLETE),
            candidates);
    return candidates.stream().map(Candidate::value).toList();
  }

  @Test
  void aLocalVerbIsRunWithItsWords() {
    LocalCommand command =
        new LocalCommand(
            catalog.syntaxes().getFirst(),
            words -> {
              verbs.add(words);
              return 1;
            });
    assertThat(command.run(List.of("a.toml"))).isEqualTo(1);
    assertThat(verbs).containsExactly(List.of("status", "a.toml"));
  }
}
