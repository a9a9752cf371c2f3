/**
 * The configuration file: TOML to records, or every problem at once.
 *
 * <p>{@link cloud.runbeam.wgagent.app.config.ConfigLoader} reads the file once, checks each section
 * by itself ({@code AgentSection}, {@code NetworkSection}, {@code PeerSection}), then the networks
 * against each other ({@code NetworkConflicts}). What comes out is either an {@link
 * cloud.runbeam.wgagent.app.config.AgentConfig} that needs no further checking or a list of {@link
 * cloud.runbeam.wgagent.app.config.Problem}s with file, line, column and key. Nothing here changes
 * the machine.
 */
@NullMarked
package cloud.runbeam.wgagent.app.config;

import org.jspecify.annotations.NullMarked;
