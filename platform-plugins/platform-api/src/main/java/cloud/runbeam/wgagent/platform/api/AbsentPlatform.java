package cloud.runbeam.wgagent.platform.api;

import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.io.EntropySource;
import cloud.runbeam.wgagent.engine.io.MemoryGuard;
import cloud.runbeam.wgagent.engine.io.MonotonicClock;
import cloud.runbeam.wgagent.engine.io.TunDevice;
import cloud.runbeam.wgagent.engine.io.UdpTransport;
import cloud.runbeam.wgagent.engine.io.WallClock;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A platform that cannot be driven: the probe says why, and whatever is asked of it fails with that
 * reason and advice. Base of the plugins for systems that this version knows by name only, so that
 * asking for them is answered with a sentence instead of a missing class.
 *
 * <p>Operations that may throw {@link PlatformException} or {@link IOException} do; the clocks and
 * the entropy source, which have no such way out, are refused when they are fetched, with {@link
 * UnsupportedOperationException}. Any thread.
 */
public abstract class AbsentPlatform implements PlatformPlugin {
  private final String name;
  private final String reason;
  private final String advice;

  /**
   * A platform that cannot be driven by this process.
   *
   * @param name short name, as {@link PlatformPlugin#name}
   * @param system the system that the plugin is for
   * @param current the system that this process runs on
   * @param advice what the operator can do on {@code system}
   */
  protected AbsentPlatform(
      String name, OperatingSystem system, OperatingSystem current, String advice) {
    this.name = name;
    if (system == current) {
      this.reason = "this version of wg-agent does not drive " + name + " yet";
      this.advice = advice;
    } else {
      this.reason = "not this system: the " + name + " plugin does nothing on this machine";
      this.advice = "use the plugin of the system that this process runs on";
    }
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final PlatformProbe probe() {
    return PlatformProbe.unusable(reason + ": " + advice);
  }

  @Override
  public final TunDevice createTun(String interfaceName, int mtuBytes) throws PlatformException {
    throw refused("cannot create TUN device " + interfaceName);
  }

  @Override
  public final UdpTransport.Provider udp() {
    return (port, fwmark) -> {
      throw new IOException("cannot open UDP port " + port + ": " + reason + ": " + advice);
    };
  }

  @Override
  public final MonotonicClock monotonicClock() {
    throw unsupported("monotonic clock");
  }

  @Override
  public final WallClock wallClock() {
    throw unsupported("wall clock");
  }

  @Override
  public final EntropySource entropy() {
    throw unsupported("entropy source");
  }

  @Override
  public final MemoryGuard memoryGuard() {
    return new MemoryGuard() {
      @Override
      public Optional<String> protect(MemorySegment memory) {
        return Optional.of("key memory is not locked: " + reason);
      }

      @Override
      public void release(MemorySegment memory) {
        // Nothing was protected.
      }
    };
  }

  @Override
  public final InterfaceSetup interfaces() {
    return new AbsentInterfaces();
  }

  @Override
  public final RouteTable routes() {
    return new AbsentRoutes();
  }

  @Override
  public final Privileges privileges() {
    return new Privileges() {
      @Override
      public boolean canAdministerNetwork() {
        return false;
      }

      @Override
      public String currentUser() {
        return System.getProperty("user.name", "unknown");
      }
    };
  }

  private PlatformException refused(String attempt) {
    return new PlatformException(attempt, reason, advice);
  }

  private UnsupportedOperationException unsupported(String what) {
    return new UnsupportedOperationException("no " + what + ": " + reason + ": " + advice);
  }

  private final class AbsentInterfaces implements InterfaceSetup {
    @Override
    public boolean exists(String interfaceName) throws PlatformException {
      throw refused("cannot look for interface " + interfaceName);
    }

    @Override
    public void addAddress(String interfaceName, IpPrefix address) throws PlatformException {
      throw refused("cannot add address " + address + " to " + interfaceName);
    }

    @Override
    public void removeAddress(String interfaceName, IpPrefix address) throws PlatformException {
      throw refused("cannot remove address " + address + " from " + interfaceName);
    }

    @Override
    public List<IpPrefix> addresses(String interfaceName) throws PlatformException {
      throw refused("cannot list the addresses of " + interfaceName);
    }

    @Override
    public void setMtu(String interfaceName, int mtuBytes) throws PlatformException {
      throw refused("cannot set the MTU of " + interfaceName);
    }

    @Override
    public void setUp(String interfaceName, boolean up) throws PlatformException {
      throw refused("cannot set " + interfaceName + (up ? " up" : " down"));
    }
  }

  private final class AbsentRoutes implements RouteTable {
    @Override
    public void add(String interfaceName, IpPrefix prefix, int table) throws PlatformException {
      throw refused("cannot route " + prefix + " to " + interfaceName);
    }

    @Override
    public void remove(String interfaceName, IpPrefix prefix, int table) throws PlatformException {
      throw refused("cannot remove the route of " + prefix + " to " + interfaceName);
    }

    @Override
    public OptionalInt pathMtu(Endpoint endpoint) throws PlatformException {
      throw refused("cannot look up the route to " + endpoint);
    }
  }
}
