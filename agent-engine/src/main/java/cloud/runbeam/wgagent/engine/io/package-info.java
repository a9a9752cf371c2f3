/**
 * The ports through which the engine meets the world: a TUN device, UDP, two clocks, entropy, and a
 * guard for key memory.
 *
 * <p>Ports are small and batch-shaped. An operating system plugin implements them over native
 * calls; tests implement them with scripts and simulated networks. Nothing in the engine reaches
 * the outside by any other way.
 */
@NullMarked
package cloud.runbeam.wgagent.engine.io;

import org.jspecify.annotations.NullMarked;
