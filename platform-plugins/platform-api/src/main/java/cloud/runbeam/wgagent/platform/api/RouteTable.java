package cloud.runbeam.wgagent.platform.api;

import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import java.util.OptionalInt;

/** Routes of this machine. Any thread; calls block briefly. */
public interface RouteTable {
  /** The main table's number. */
  int MAIN = 254;

  /**
   * Routes {@code prefix} to the interface; a route to it that is there already is left as it is. A
   * prefix that the table routes to another interface is not taken from there but refused.
   */
  void add(String interfaceName, IpPrefix prefix, int table) throws PlatformException;

  /** Takes the route back; one that is not there is no error. */
  void remove(String interfaceName, IpPrefix prefix, int table) throws PlatformException;

  /**
   * MTU of the route that packets to {@code endpoint} take now, or empty when there is no route.
   */
  OptionalInt pathMtu(Endpoint endpoint) throws PlatformException;

  /** The same for packets that carry a mark, which rules may send another way; 0 for none. */
  default OptionalInt pathMtu(Endpoint endpoint, int mark) throws PlatformException {
    return pathMtu(endpoint);
  }

  /**
   * Gives a route of ours an MTU of its own, or takes that away.
   *
   * @param mtuBytes 0 for that of the interface
   * @return false when there is no such route of ours, or this system cannot do it
   */
  default boolean setMtu(String interfaceName, IpPrefix prefix, int table, int mtuBytes)
      throws PlatformException {
    return false;
  }
}
