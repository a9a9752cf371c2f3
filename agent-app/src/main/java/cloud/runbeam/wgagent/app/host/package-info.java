/**
 * What a network changes on this machine, and how every change is taken back.
 *
 * <p>{@link cloud.runbeam.wgagent.app.host.HostSettings} says what one network wants. {@link
 * cloud.runbeam.wgagent.app.host.HostPlan} turns that into an ordered list of {@link
 * cloud.runbeam.wgagent.app.host.HostChange}s, {@link cloud.runbeam.wgagent.app.host.HostNetwork}
 * makes the difference between that list and what stands. Each change is on disk in a {@link
 * cloud.runbeam.wgagent.app.host.ChangeJournal} before it is made, so that {@link
 * cloud.runbeam.wgagent.app.host.HostNetworks} can undo what a dead agent left.
 */
@NullMarked
package cloud.runbeam.wgagent.app.host;

import org.jspecify.annotations.NullMarked;
