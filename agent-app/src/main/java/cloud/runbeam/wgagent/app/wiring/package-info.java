/**
 * The Spring application: the only place where beans are made. {@link
 * cloud.runbeam.wgagent.app.wiring.AgentApplication} reads the configuration, then starts the
 * context; {@code TunnelLifecycle} and {@code ControlLifecycle} begin and end what runs, in the
 * order of their phases.
 */
@NullMarked
package cloud.runbeam.wgagent.app.wiring;

import org.jspecify.annotations.NullMarked;
