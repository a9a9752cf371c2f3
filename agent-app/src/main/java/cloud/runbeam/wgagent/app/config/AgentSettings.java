package cloud.runbeam.wgagent.app.config;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.bind.Name;

/**
 * The {@code [agent]} table, valid by construction. Bound by Spring under {@code wg.agent} (so that
 * {@code WG_AGENT_HTTP_BIND_PORT} and its like override the file), and made by {@link ConfigLoader}
 * where there is no Spring.
 *
 * @param stateDir where state is kept
 * @param user the user to run as after a start as root; empty: stay who we are
 * @param control the control socket
 * @param http health and metrics
 * @param log what is logged and how
 * @param metrics which metrics are shown
 * @param tracing where traces go, if anywhere
 */
@ConfigurationProperties("wg.agent")
public record AgentSettings(
    @DefaultValue(AgentSettings.DEFAULT_STATE_DIR) Path stateDir,
    Optional<String> user,
    @DefaultValue Control control,
    @DefaultValue Http http,
    @DefaultValue Log log,
    @DefaultValue Metrics metrics,
    @DefaultValue Tracing tracing) {

  /** Where state is kept unless configured. */
  public static final String DEFAULT_STATE_DIR = "/var/lib/wg-agent";

  /** The control socket unless configured. */
  public static final String DEFAULT_SOCKET = "/run/wg-agent/control.sock";

  /** Where callers of the control API may name key files unless configured. */
  public static final String DEFAULT_KEY_DIR = "/etc/wg-agent";

  /**
   * {@code sun_path} of {@code struct sockaddr_un} holds 108 bytes, the terminating zero included.
   */
  static final int MAX_SOCKET_PATH_BYTES = 107;

  /** Checks that the directory is absolute. */
  public AgentSettings {
    requireAbsolute("state_dir", stateDir);
    user = Objects.requireNonNullElse(user, Optional.empty());
  }

  /** What holds without a file. */
  public static AgentSettings defaults() {
    return new AgentSettings(
        Path.of(DEFAULT_STATE_DIR),
        Optional.empty(),
        Control.defaults(),
        Http.defaults(),
        Log.defaults(),
        Metrics.defaults(),
        Tracing.defaults());
  }

  private static void requireAbsolute(String key, Path path) {
    if (!path.isAbsolute()) {
      throw new IllegalArgumentException(key + " \"" + path + "\" is not an absolute path");
    }
  }

  /**
   * {@code [agent.control]}.
   *
   * @param socket path of the Unix socket, absolute, at most 107 bytes
   * @param adminGroups groups whose members may change things
   * @param readerGroups groups whose members may look
   * @param keyDirs directories below which callers that are not root may name key files, absolute
   */
  public record Control(
      @DefaultValue(AgentSettings.DEFAULT_SOCKET) Path socket,
      @DefaultValue("wg-agent") List<String> adminGroups,
      @DefaultValue List<String> readerGroups,
      @DefaultValue(AgentSettings.DEFAULT_KEY_DIR) List<Path> keyDirs) {

    /** Checks the paths and copies the lists. */
    public Control {
      requireAbsolute("control.socket", socket);
      int bytes = socket.toString().getBytes(StandardCharsets.UTF_8).length;
      if (bytes > MAX_SOCKET_PATH_BYTES) {
        throw new IllegalArgumentException(
            "control.socket is " + bytes + " bytes long, a socket path has at most 107");
      }
      adminGroups = List.copyOf(adminGroups);
      readerGroups = List.copyOf(readerGroups);
      keyDirs = List.copyOf(keyDirs);
      keyDirs.forEach(directory -> requireAbsolute("control.key_dirs", directory));
    }

    static Control defaults() {
      return new Control(
          Path.of(DEFAULT_SOCKET),
          List.of("wg-agent"),
          List.of(),
          List.of(Path.of(DEFAULT_KEY_DIR)));
    }
  }

  /**
   * {@code [agent.http]}.
   *
   * @param bindAddress an IP address in text
   * @param bindPort 1 to 65,535; 0 for any free port
   * @param allowedHosts names under which requests may call this machine, besides its addresses and
   *     {@code localhost}; without any, every name is taken, unless the address is a loopback one
   */
  public record Http(
      @DefaultValue("127.0.0.1") String bindAddress,
      @DefaultValue("9090") int bindPort,
      @DefaultValue List<String> allowedHosts) {

    /** Checks the address and the port's range, and copies the list. */
    public Http {
      if (!IpLiterals.isAddress(bindAddress)) {
        throw new IllegalArgumentException(
            "http.bind_address \"" + bindAddress + "\" is not an IP address");
      }
      if (bindPort < 0 || bindPort > 65_535) {
        throw new IllegalArgumentException("http.bind_port " + bindPort + " is not in 0 to 65535");
      }
      allowedHosts = List.copyOf(allowedHosts);
    }

    static Http defaults() {
      return new Http("127.0.0.1", 9090, List.of());
    }
  }

  /**
   * {@code [agent.log]}.
   *
   * @param level the least severe level that is logged
   * @param format how a line looks
   */
  public record Log(
      @DefaultValue("info") LogLevel level,
      @DefaultValue("text") @Name("format") LogFormat format) {
    static Log defaults() {
      return new Log(LogLevel.INFO, LogFormat.TEXT);
    }
  }

  /**
   * {@code [agent.metrics]}.
   *
   * @param compatibility whether the names of prometheus_wireguard_exporter and of the Rust agent
   *     are there too
   * @param peerLimit how many peers have series and a history of their own, over all networks; 0 to
   *     100,000
   */
  public record Metrics(
      @DefaultValue("true") boolean compatibility, @DefaultValue("1000") int peerLimit) {

    /** The largest {@code peer_limit}. */
    static final int MAX_PEER_LIMIT = 100_000;

    /** Checks the limit's range. */
    public Metrics {
      if (peerLimit < 0 || peerLimit > MAX_PEER_LIMIT) {
        throw new IllegalArgumentException(
            "metrics.peer_limit " + peerLimit + " is not in 0 to " + MAX_PEER_LIMIT);
      }
    }

    static Metrics defaults() {
      return new Metrics(true, 1_000);
    }
  }

  /**
   * {@code [agent.tracing]}.
   *
   * @param endpoint base address of an OTLP/HTTP receiver, without {@code /v1/traces}; empty: there
   *     are no traces
   */
  public record Tracing(Optional<URI> endpoint) {
    /** Checks that the address is one of HTTP. */
    public Tracing {
      endpoint = Objects.requireNonNullElse(endpoint, Optional.<URI>empty());
      endpoint.ifPresent(address -> {
        if (!isHttp(address)) {
          throw new IllegalArgumentException(
              "tracing.endpoint \"" + address + "\" is not an http or https address");
        }
      });
    }

    static Tracing defaults() {
      return new Tracing(Optional.empty());
    }

    /** Whether {@code address} names a host, over HTTP, without secrets, query and fragment. */
    static boolean isHttp(URI address) {
      return ("http".equals(address.getScheme()) || "https".equals(address.getScheme()))
          && address.getHost() != null
          && address.getRawUserInfo() == null
          && address.getRawQuery() == null
          && address.getRawFragment() == null;
    }
  }

  /** Levels, the most severe first. */
  public enum LogLevel {
    ERROR,
    WARN,
    INFO,
    DEBUG,
    TRACE
  }

  /** Forms of a log line. */
  public enum LogFormat {
    /** For people. */
    TEXT,
    /** One JSON object per line. */
    JSON
  }
}
