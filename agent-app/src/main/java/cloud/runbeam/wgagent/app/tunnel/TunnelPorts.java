package cloud.runbeam.wgagent.app.tunnel;

import cloud.runbeam.wgagent.app.config.KeyReader;
import cloud.runbeam.wgagent.app.host.HostNetworks;
import cloud.runbeam.wgagent.app.rotation.RotationPorts;
import cloud.runbeam.wgagent.engine.WireGuardEngine;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import java.util.concurrent.Executor;

/**
 * What tunnels need of the world.
 *
 * @param platform interfaces, addresses, routes, clocks
 * @param engine makes WireGuard devices
 * @param sockets shows devices to {@code wg}
 * @param resolver finds endpoints
 * @param keys reads secret keys
 * @param patience waits for the link
 * @param background runs what must not hold up the engine's threads, at once and side by side
 * @param lookups runs what asks the resolver, side by side; a call may hold its thread for seconds
 * @param host what networks change on this machine besides their interface
 * @param store keeps networks of the API
 * @param rotation what key rotations need
 */
public record TunnelPorts(
    PlatformPlugin platform,
    WireGuardEngine engine,
    DeviceSockets sockets,
    NameResolver resolver,
    KeyReader keys,
    Patience patience,
    Executor background,
    Executor lookups,
    HostNetworks host,
    NetworkStore store,
    RotationPorts rotation) {}
