package cloud.runbeam.wgagent.app.config;

import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.io.MemoryGuard;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlVersion;

/**
 * Reads a configuration file.
 *
 * <pre>
 *   1  bytes    exists, regular, at most 1 MiB, UTF-8
 *   2  syntax   TOML 1.0; what follows would only guess if this fails, so it ends here then
 *   3  [agent]  each key by itself, the environment over it
 *   4  [network.NAME] and its peers, each key by itself
 *   5  networks against each other
 *   6  keys     each can be read, is a key, and no peer is ourselves; nothing is kept
 * </pre>
 */
public final class ConfigLoader {
  private static final long MAX_FILE_BYTES = 1 << 20;

  private final Map<String, String> environment;
  private final boolean triesKeys;

  /** A loader. {@code environment} holds the process's variables. */
  public ConfigLoader(Map<String, String> environment) {
    this(environment, true);
  }

  private ConfigLoader(Map<String, String> environment, boolean triesKeys) {
    this.environment = Map.copyOf(environment);
    this.triesKeys = triesKeys;
  }

  /**
   * A loader that leaves step 6 out: for tools that need no key, on machines that may have none.
   */
  public ConfigLoader withoutKeys() {
    return new ConfigLoader(environment, false);
  }

  /** Reads {@code file}; its problems name it as {@code file} is written. Changes nothing. */
  public ConfigResult load(Path file) {
    Findings findings = new Findings(file.toString());
    Optional<String> text = read(file, findings);
    if (text.isEmpty()) {
      return new ConfigResult.Rejected(findings.problems());
    }
    return parse(file, text.get(), findings);
  }

  /**
   * The {@code [agent]} table alone, without a look at networks and keys: for what must be known
   * before those may be read. Empty if the table has problems, which {@link #load} tells.
   */
  public Optional<AgentSettings> settings(Path file) {
    Findings findings = new Findings(file.toString());
    return read(file, findings)
        .map(text -> Toml.parse(text, TomlVersion.V1_0_0))
        .filter(document -> !document.hasErrors())
        .map(document -> {
          TomlSection root = new TomlSection(document, "", new Position(1, 1), findings);
          return new AgentSection(environment, findings).read(root.table("agent").orElse(null));
        })
        .filter(_ -> !findings.hasProblems());
  }

  private static Optional<String> read(Path file, Findings findings) {
    try {
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        whole(findings, ProblemReason.FILE_UNREADABLE, "is not a regular file", "name a TOML file");
        return Optional.empty();
      }
      if (Files.size(file) > MAX_FILE_BYTES) {
        whole(
            findings,
            ProblemReason.FILE_TOO_LARGE,
            "is larger than 1 MiB",
            "name a TOML file; add networks of many peers over the control socket");
        return Optional.empty();
      }
      byte[] bytes = Files.readAllBytes(file);
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (NoSuchFileException _) {
      whole(
          findings,
          ProblemReason.FILE_MISSING,
          "there is no such file",
          "create it (config/wg-agent.example.toml shows how) or name another with --config");
    } catch (AccessDeniedException _) {
      whole(
          findings,
          ProblemReason.FILE_UNREADABLE,
          "may not be read by this user",
          "run as the agent's user or root, or change the file's owner");
    } catch (CharacterCodingException _) {
      whole(findings, ProblemReason.NOT_UTF8, "is not UTF-8", "save it as UTF-8");
    } catch (IOException failed) {
      whole(
          findings,
          ProblemReason.FILE_UNREADABLE,
          "cannot be read: " + failed.getMessage(),
          "check the path and the file system");
    }
    return Optional.empty();
  }

  private ConfigResult parse(Path file, String text, Findings findings) {
    TomlParseResult document = Toml.parse(text, TomlVersion.V1_0_0);
    if (document.hasErrors()) {
      String[] lines = text.split("\n", -1);
      for (TomlParseError error : document.errors()) {
        syntax(error, lines, findings);
      }
      return new ConfigResult.Rejected(findings.problems());
    }
    TomlSection root = new TomlSection(document, "", new Position(1, 1), findings);
    AgentSection agent = new AgentSection(environment, findings);
    AgentSettings settings = agent.read(root.table("agent").orElse(null));
    Path absolute = file.toAbsolutePath();
    Path directory = Optional.ofNullable(absolute.getParent()).orElse(absolute);
    List<NetworkConfig> networks = networks(root, directory);
    root.rejectUnknownKeys();
    new NetworkConflicts(networks, findings).report();
    if (triesKeys) {
      keys(networks, findings);
    }
    return findings.hasProblems()
        ? new ConfigResult.Rejected(findings.problems())
        : new ConfigResult.Loaded(
            new AgentConfig(file, settings, agent.properties(), networks, findings.notices()));
  }

  /**
   * Networks from a text that was made by {@link TomlWriter}; what is found is added to {@code
   * findings}. Keys that {@code rule} refuses are not tried.
   */
  List<NetworkConfig> networkText(
      String text, Path directory, KeySourceRule rule, Findings findings) {
    TomlSection root = document(text, findings);
    List<NetworkConfig> networks = networks(root, directory);
    new NetworkConflicts(networks, findings).report();
    List<KeySource> sources = new ArrayList<>();
    for (NetworkConfig network : networks) {
      sources.add(network.privateKey());
      network.peers().forEach(peer -> peer.presharedKey().ifPresent(sources::add));
    }
    if (areAllowed(sources, rule, findings)) {
      keys(networks, findings);
    }
    return networks;
  }

  /** The peer in {@code [peer]} of such a text. */
  Optional<PeerConfig> peerText(
      String text, Path directory, KeySourceRule rule, Findings findings) {
    Optional<PeerConfig> peer =
        document(text, findings)
            .table("peer")
            .flatMap(table -> new PeerSection(table, directory).read());
    List<KeySource> sources = peer.flatMap(PeerConfig::presharedKey).stream().toList();
    if (areAllowed(sources, rule, findings)) {
      try (KeyArena arena = new KeyArena(new Unprotected(), 1)) {
        sources.forEach(source -> tryKey(source, new KeyReader(environment), arena, findings));
      }
    }
    return peer;
  }

  private static TomlSection document(String text, Findings findings) {
    TomlParseResult document = Toml.parse(text, TomlVersion.V1_0_0);
    for (TomlParseError error : document.errors()) {
      syntax(error, text.split("\n", -1), findings);
    }
    return new TomlSection(document, "", new Position(1, 1), findings);
  }

  private static boolean areAllowed(
      List<KeySource> sources, KeySourceRule rule, Findings findings) {
    boolean all = true;
    for (KeySource source : sources) {
      Optional<String> refusal = rule.refusal(source);
      if (refusal.isPresent()) {
        all = false;
        findings.problem(
            source.position(),
            source.key(),
            ProblemReason.KEY_NOT_ALLOWED,
            refusal.get(),
            "put the key there, or ask an administrator of this machine");
      }
    }
    return all;
  }

  private static void syntax(TomlParseError error, String[] lines, Findings findings) {
    Position at = new Position(error.position().line(), error.position().column());
    String line =
        at.line() >= 1 && at.line() <= lines.length
            ? lines[at.line() - 1].toLowerCase(Locale.ROOT)
            : "";
    // The parser quotes the text it stumbled over, which may be a secret where a key is meant.
    String what =
        line.contains("key")
            ? "not valid TOML"
            : TomlSection.printable(String.valueOf(error.getMessage()));
    findings.problem(
        at, "", ProblemReason.SYNTAX, what, "write key = value; texts stand in quotes");
  }

  private static List<NetworkConfig> networks(TomlSection root, Path directory) {
    Optional<TomlSection> parent = root.table("network");
    if (parent.isEmpty()) {
      return List.of();
    }
    TomlSection tables = parent.get();
    List<TomlSection> strayPeers =
        tables.isArray("peers") ? tables.tables("peers") : List.<TomlSection>of();
    List<String> names =
        tables.keys().stream()
            .filter(key -> !(key.equals("peers") && tables.isArray(key)))
            .toList();
    if (!strayPeers.isEmpty()) {
      if (names.size() == 1) {
        tables.notice(
            "peers",
            "taken as peers of network "
                + names.getFirst()
                + "; write [[network."
                + names.getFirst()
                + ".peers]]");
      } else {
        tables.problem(
            "peers",
            ProblemReason.AMBIGUOUS_PEERS,
            "there are " + names.size() + " networks these peers could belong to",
            "write [[network.NAME.peers]]");
      }
    }
    List<NetworkConfig> networks = new ArrayList<>();
    for (String name : names) {
      Optional<TomlSection> table = tables.table(name);
      if (table.isEmpty()) {
        continue;
      }
      if (!Names.isName(name)) {
        tables.problem(
            name,
            ProblemReason.BAD_NAME,
            "\"" + TomlSection.printable(name) + "\" cannot name a network",
            "use 1 to 63 letters, digits, \"_\", \".\" and \"-\", not starting with \"-\" or"
                + " \".\"");
      }
      new NetworkSection(name, table.get(), directory)
          .read(names.size() == 1 ? strayPeers : List.of())
          .ifPresent(networks::add);
    }
    return networks;
  }

  /** Tries every key once, in memory that is wiped before this returns. */
  private void keys(List<NetworkConfig> networks, Findings findings) {
    KeyReader reader = new KeyReader(environment);
    try (KeyArena arena = new KeyArena(new Unprotected(), 4)) {
      for (NetworkConfig network : networks) {
        @Nullable PublicKey own = ownKey(network, reader, arena, findings);
        for (PeerConfig peer : network.peers()) {
          peer.presharedKey().ifPresent(source -> tryKey(source, reader, arena, findings));
          if (peer.publicKey().equals(own)) {
            String key = peer.key() + ".public_key";
            findings.problem(
                findings.positionOf(key, peer.position()),
                key,
                ProblemReason.OWN_PUBLIC_KEY,
                "is this network's own public key",
                "paste the other side's public key");
          }
        }
      }
    }
  }

  private static @Nullable PublicKey ownKey(
      NetworkConfig network, KeyReader reader, KeyArena arena, Findings findings) {
    KeySource source = network.privateKey();
    if (reader.wouldGenerate(source)) {
      return null;
    }
    try (SecretKey key = reader.read(source, arena)) {
      return network.peers().isEmpty() ? null : key.publicKey();
    } catch (UnusableKeyException unusable) {
      report(source, unusable, findings);
      return null;
    }
  }

  private static void tryKey(
      KeySource source, KeyReader reader, KeyArena arena, Findings findings) {
    try {
      reader.read(source, arena).close();
    } catch (UnusableKeyException unusable) {
      report(source, unusable, findings);
    }
  }

  private static void report(KeySource source, UnusableKeyException unusable, Findings findings) {
    findings.problem(
        source.position(), source.key(), unusable.reason(), unusable.what(), unusable.advice());
  }

  private static void whole(Findings findings, ProblemReason reason, String what, String advice) {
    findings.problem(Position.WHOLE_FILE, "", reason, what, advice);
  }

  /**
   * Keys are here for the time of one check only; locking a page for that would take longer than
   * the check.
   */
  private static final class Unprotected implements MemoryGuard {
    @Override
    public Optional<String> protect(MemorySegment memory) {
      return Optional.empty();
    }

    @Override
    public void release(MemorySegment memory) {
      // Nothing was locked.
    }
  }
}
