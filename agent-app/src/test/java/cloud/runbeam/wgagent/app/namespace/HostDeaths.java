package cloud.runbeam.wgagent.app.namespace;

import cloud.runbeam.wgagent.app.device.InstalledPlatform;
import cloud.runbeam.wgagent.app.host.ChangeJournal;
import cloud.runbeam.wgagent.app.host.FileJournalStore;
import cloud.runbeam.wgagent.app.host.HostNetwork;
import cloud.runbeam.wgagent.app.host.HostNetworks;
import cloud.runbeam.wgagent.app.host.HostSettings;
import cloud.runbeam.wgagent.app.host.JournalStore;
import cloud.runbeam.wgagent.app.host.Leftover;
import cloud.runbeam.wgagent.engine.io.TunDevice;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.platform.api.InterfaceSetup;
import cloud.runbeam.wgagent.platform.api.KillSwitch;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import cloud.runbeam.wgagent.platform.api.PolicyRouting;
import cloud.runbeam.wgagent.platform.api.RouteTable;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;

/**
 * Brings the host's part of a network up, changes it and takes it down, again and again, and dies
 * one step later each time: before a write to the journal or before a change of the machine. After
 * each death the next agent's clean-up must leave the machine as it was. Runs in a namespace of its
 * own; prints {@code ok STEPS}, or where it failed.
 */
final class HostDeaths {
  private static final Set<String> CHANGES =
      Set.of(
          "addAddress",
          "removeAddress",
          "setMtu",
          "setUp",
          "add",
          "remove",
          "addRule",
          "removeRule",
          "setChecksSourcesByMark",
          "guardReplies",
          "unguardReplies",
          "enforce",
          "lift");

  private final PlatformPlugin platform;
  private final Path stateDir;
  private final String interfaceName;
  private int stepsToLive = Integer.MAX_VALUE;

  private HostDeaths(PlatformPlugin platform, Path stateDir, String interfaceName) {
    this.platform = platform;
    this.stateDir = stateDir;
    this.interfaceName = interfaceName;
  }

  /** Arguments: state directory, interface name. */
  public static void main(String[] arguments) throws PlatformException {
    HostDeaths deaths =
        new HostDeaths(InstalledPlatform.find(), Path.of(arguments[0]), arguments[1]);
    String before = MachineState.ofThisNamespace().toString();
    int step = 1;
    while (deaths.diesAt(step)) {
      List<Leftover> found = HostNetworks.of(deaths.platform, deaths.stateDir).cleanup(false);
      String after = MachineState.ofThisNamespace().toString();
      if (!after.equals(before)
          || found.stream().anyMatch(each -> each.outcome() == Leftover.Outcome.FAILED)) {
        System.out.println(
            "died at step "
                + step
                + "\nfound "
                + found
                + "\nbefore "
                + before
                + "\nafter "
                + after);
        return;
      }
      step++;
    }
    String end = MachineState.ofThisNamespace().toString();
    System.out.println(end.equals(before) ? "ok " + step : "after an orderly end\n" + end);
  }

  /** False if the whole life has fewer steps. */
  private boolean diesAt(int step) throws PlatformException {
    try (TunDevice _ = platform.createTun(interfaceName, 1_420)) {
      stepsToLive = step;
      HostNetworks networks =
          new HostNetworks(
              mortal(PlatformPlugin.class, platform), new MortalStore(), killSwitchName());
      HostNetwork network = networks.network("default");
      network.protect(settings("10.100.0.2/24", "10.42.0.0/16", 0));
      network.apply(settings("10.100.0.2/24", "10.42.0.0/16", 0));
      network.apply(settings("10.101.0.2/24", "10.43.0.0/16", 0x55));
      network.clear();
      return false;
    } catch (Death death) {
      return true;
    } finally {
      stepsToLive = Integer.MAX_VALUE;
    }
  }

  private String killSwitchName() {
    return HostNetworks.killSwitchName(stateDir);
  }

  private HostSettings settings(String address, String route, int fwmark) {
    return new HostSettings(
        "default",
        interfaceName,
        1_380,
        List.of(IpPrefix.parse(address), IpPrefix.parse("fd42::2/64")),
        List.of(IpPrefix.parse("0.0.0.0/0"), IpPrefix.parse("::/0"), IpPrefix.parse(route)),
        OptionalInt.empty(),
        fwmark,
        List.of(),
        List.of(),
        true,
        false,
        List.of());
  }

  private void step() {
    // Nothing of a dead process runs, its finally clauses included.
    if (--stepsToLive <= 0) {
      throw new Death();
    }
  }

  /** The same object, which dies before it changes something. */
  private <T> T mortal(Class<T> type, T target) {
    Object proxy =
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, method, arguments) -> {
              if (CHANGES.contains(method.getName())) {
                step();
              }
              try {
                return wrapped(method.invoke(target, arguments));
              } catch (InvocationTargetException thrown) {
                throw thrown.getCause() == null ? thrown : thrown.getCause();
              }
            });
    return type.cast(proxy);
  }

  private Object wrapped(Object result) {
    return switch (result) {
      case InterfaceSetup interfaces -> mortal(InterfaceSetup.class, interfaces);
      case RouteTable routes -> mortal(RouteTable.class, routes);
      case PolicyRouting routing -> mortal(PolicyRouting.class, routing);
      case KillSwitch killSwitch -> mortal(KillSwitch.class, killSwitch);
      case null, default -> result;
    };
  }

  private final class MortalStore implements JournalStore {
    private final JournalStore store = new FileJournalStore(stateDir, platform.networkEpoch());

    @Override
    public ChangeJournal open(String network) throws IOException {
      return new MortalJournal(store.open(network));
    }

    @Override
    public List<String> networks() throws IOException {
      return store.networks();
    }
  }

  private final class MortalJournal implements ChangeJournal {
    private final ChangeJournal journal;

    MortalJournal(ChangeJournal journal) {
      this.journal = journal;
    }

    @Override
    public List<Long> intend(List<String> entries) throws IOException {
      step();
      return journal.intend(entries);
    }

    @Override
    public void settle(Collection<Long> numbers) throws IOException {
      step();
      journal.settle(numbers);
    }

    @Override
    public SortedMap<Long, String> open() {
      return journal.open();
    }

    @Override
    public boolean sameEpoch() {
      return journal.sameEpoch();
    }

    @Override
    public List<String> damage() {
      return journal.damage();
    }

    @Override
    public void close() {
      journal.close();
    }
  }

  /** SIGKILL, as far as one process can play it. */
  private static final class Death extends Error {
    private static final long serialVersionUID = 1L;

    Death() {
      super("killed", null, false, false);
    }
  }
}
