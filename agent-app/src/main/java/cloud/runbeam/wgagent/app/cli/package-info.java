/**
 * The command line: one class per verb. A running agent is reached through {@code client} only.
 *
 * <p>Start time is part of the interface: a verb loads nothing that it does not need, and only
 * {@code up} loads Spring.
 */
@NullMarked
package cloud.runbeam.wgagent.app.cli;

import org.jspecify.annotations.NullMarked;
