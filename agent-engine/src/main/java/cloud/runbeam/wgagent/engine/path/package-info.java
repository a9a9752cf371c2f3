/**
 * The way of a packet. {@link cloud.runbeam.wgagent.engine.path.OutboundAgent}: TUN to UDP. {@link
 * cloud.runbeam.wgagent.engine.path.InboundAgent}: UDP to TUN. {@link
 * cloud.runbeam.wgagent.engine.path.ConductorAgent}: everything that is not a transport message.
 *
 * <p>Agents are duty cycles without a thread of their own ({@link
 * cloud.runbeam.wgagent.engine.path.Agent}); {@link cloud.runbeam.wgagent.engine.path.AgentRunner}
 * gives them one, tests step them by hand. What a device's agents share is {@link
 * cloud.runbeam.wgagent.engine.path.DeviceTables}: written by the conductor, read by the packet
 * threads.
 */
@NullMarked
package cloud.runbeam.wgagent.engine.path;

import org.jspecify.annotations.NullMarked;
