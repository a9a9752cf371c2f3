package cloud.runbeam.wgagent.app.cli;

import cloud.runbeam.wgagent.app.demo.Demo;
import cloud.runbeam.wgagent.app.device.InstalledPlatform;
import cloud.runbeam.wgagent.engine.DeviceException;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code demo}: a tunnel without configuration and without a second machine. */
@Command(
    name = "demo",
    description = "Bring up a tunnel to a peer inside this process and show it carrying traffic.")
final class DemoVerb implements Callable<Integer> {
  private final Terminal terminal;

  @Option(
      names = "--once",
      description = "End with exit code 0 after proof of traffic in both directions, 1 otherwise.")
  private boolean once;

  @Option(
      names = "--memory",
      description = "Do not create a network interface, even with the right to.")
  private boolean memory;

  DemoVerb(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws PlatformException, DeviceException {
    Demo demo = new Demo(InstalledPlatform.find(), terminal.out(), terminal.err());
    return once ? demo.once(memory) : demo.live(memory);
  }
}
