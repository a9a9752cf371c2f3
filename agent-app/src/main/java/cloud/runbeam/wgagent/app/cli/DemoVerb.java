package cloud.runbeam.wgagent.app.cli;

import cloud.runbeam.wgagent.app.demo.Demo;
import cloud.runbeam.wgagent.app.device.InstalledPlatform;
import cloud.runbeam.wgagent.engine.DeviceException;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.util.List;
import java.util.Optional;

/** {@code demo}: a tunnel without configuration and without a second machine. */
final class DemoVerb implements Verb {
  private static final VerbSyntax.Option ONCE =
      VerbSyntax.Option.flag(
          "--once", "end with exit code 0 after proof of traffic both ways, 1 without");
  private static final VerbSyntax.Option MEMORY =
      VerbSyntax.Option.flag("--memory", "create no network interface, even with the right to");

  private final Terminal terminal;

  DemoVerb(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public VerbSyntax syntax() {
    return new VerbSyntax(
        "demo",
        "Bring up a tunnel to a peer inside this process and show it at work.",
        Optional.empty(),
        List.of(ONCE, MEMORY));
  }

  @Override
  public int run(Arguments arguments) throws PlatformException, DeviceException {
    Demo demo = new Demo(InstalledPlatform.find(), terminal.out(), terminal.err());
    boolean memory = arguments.has(MEMORY.name());
    return arguments.has(ONCE.name()) ? demo.once(memory) : demo.live(memory);
  }
}
