package cloud.runbeam.wgagent.platform.linux.dns;

import cloud.runbeam.wgagent.platform.linux.testkit.PrivateNetwork;
import cloud.runbeam.wgagent.platform.linux.tool.SystemTools;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;

/**
 * A machine for tests of name servers: namespaces of its own for network, mounts and processes, an
 * {@code /etc} and a {@code /run} of its own, and Debian's programs from where {@code .ci/run}
 * unpacked them, since installing them would take over the real machine's resolv.conf.
 */
final class DnsMachine implements AutoCloseable {
  private static final Path PACKAGES = Path.of("/var/cache/wg-agent-test");

  /** Where a package finds what this machine lacks. */
  private static final String LIBRARIES =
      libraries("network-manager", "") + ":" + libraries("systemd-resolved", "/systemd");

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Starts a D-Bus that lets everybody do everything. */
  static final String BUS =
      """
      cat > $W/bus.conf <<X
      <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
       "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
      <busconfig><type>system</type><listen>unix:path=/run/dbus/system_bus_socket</listen>
      <auth>EXTERNAL</auth><policy context="default"><allow user="*"/><allow own="*"/>
      <allow send_destination="*"/><allow receive_sender="*"/>
      <allow send_type="method_call"/></policy></busconfig>
      X
      mkdir -p /run/dbus
      dbus-daemon --config-file=$W/bus.conf --fork
      """;

  private final PrivateNetwork network = new PrivateNetwork();
  private final Path programs;
  private Process inside;

  /**
   * A machine without any program for name servers.
   *
   * @param directory empty, for this machine's files
   */
  DnsMachine(Path directory, String setup) throws IOException {
    this.programs = Files.createDirectories(directory.resolve("programs"));
    Path script = directory.resolve("setup.sh");
    Files.writeString(
        script,
        """
        set -e
        export LD_LIBRARY_PATH=%s
        mkdir -p $W/etc && mount -t tmpfs none $W/etc
        cp -a /etc/passwd /etc/group /etc/nsswitch.conf /etc/ld.so.c* $W/etc/
        touch $W/etc/machine-id
        mount --bind $W/etc /etc
        mount -t tmpfs none /run
        """
                .formatted(LIBRARIES)
            + setup
            + "\necho ready\nexec sleep 300\n");
    inside =
        network.begin(
            "W="
                + directory
                + " P="
                + PACKAGES
                + " exec unshare --mount --pid --fork --kill-child --mount-proc sh -c 'exec 2>&1; ."
                + " "
                + script
                + "'");
    awaitReady();
  }

  private static Path libraries(String packageName, String below) {
    String processor = System.getProperty("os.arch").replace("amd64", "x86_64");
    return PACKAGES.resolve(packageName + "/usr/lib/" + processor + "-linux-gnu" + below);
  }

  private void awaitReady() throws IOException {
    StringBuilder said = new StringBuilder();
    // Not closed: the process keeps writing to it.
    BufferedReader output =
        new BufferedReader(new InputStreamReader(inside.getInputStream(), StandardCharsets.UTF_8));
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.equals("ready")) {
        return;
      }
      said.append(line).append('\n');
    }
    throw new AssertionError("the machine for this test did not start:\n" + said);
  }

  /** Files of a package that {@code .ci/run} unpacked. */
  static Path unpacked(String packageName) {
    Path unpacked = PACKAGES.resolve(packageName);
    if (!Files.isDirectory(unpacked)) {
      throw new AssertionError(
          unpacked + " is missing: run .ci/run, which unpacks Debian's " + packageName + " there");
    }
    return unpacked;
  }

  /** Makes a program known inside. */
  DnsMachine install(String name, Path file) throws IOException {
    Path wrapper = programs.resolve(name);
    Files.writeString(
        wrapper,
        "#!/bin/sh\nexec %s env LD_LIBRARY_PATH=%s %s \"$@\"\n"
            .formatted(enter(), LIBRARIES, file));
    Files.setPosixFilePermissions(wrapper, PosixFilePermissions.fromString("rwxr-xr-x"));
    return this;
  }

  /** Daemons look their callers up by process id. */
  private String enter() {
    String namespaces = "/proc/" + inside.pid() + "/ns/";
    return "nsenter --mount=%smnt --pid=%spid_for_children".formatted(namespaces, namespaces);
  }

  PrivateNetwork network() {
    return network;
  }

  /** Runs a shell command inside; its output. */
  String sh(String command) {
    return network.sh(
        "PATH="
            + PACKAGES.resolve("systemd-resolved/usr/bin")
            + ":"
            + programs
            + ":$PATH; export LD_LIBRARY_PATH="
            + LIBRARIES
            + "; "
            + enter()
            + " sh -c '"
            + command
            + "'");
  }

  /** What the agent would use here; a new one every time, as after a restart. */
  LinuxDns dns() {
    return new LinuxDns(
        new DnsFiles(Path.of("/proc/" + inside.pid() + "/root")),
        new SystemTools(List.of(programs), PATIENCE));
  }

  @Override
  public void close() {
    // Its process namespace ends with it.
    inside.destroy();
    network.close();
  }
}
