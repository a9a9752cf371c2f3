package cloud.runbeam.wgagent.platform.api;

import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import java.util.List;
import java.util.OptionalInt;

/** Addresses, MTU and state of an interface of this machine. Any thread; calls block briefly. */
public interface InterfaceSetup {
  /** Whether an interface of that name exists. */
  boolean exists(String interfaceName) throws PlatformException;

  /** Adds an address with its prefix length; one that is there already is left as it is. */
  void addAddress(String interfaceName, IpPrefix address) throws PlatformException;

  /** Removes an address; one that is not there is no error. */
  void removeAddress(String interfaceName, IpPrefix address) throws PlatformException;

  /** The addresses the interface has now, link-local ones left out. */
  List<IpPrefix> addresses(String interfaceName) throws PlatformException;

  /** Sets the MTU in bytes. */
  void setMtu(String interfaceName, int mtuBytes) throws PlatformException;

  /** Sets the link up or down. */
  void setUp(String interfaceName, boolean up) throws PlatformException;

  /**
   * The number that the system gave the interface and gives to no other until the next boot, or
   * empty if there is none of that name or the system does not number them.
   */
  default OptionalInt index(String interfaceName) throws PlatformException {
    return OptionalInt.empty();
  }
}
