/**
 * {@code wg-agent bench}: the engine against itself on the user's machine. Two devices in this
 * process, their packets made and counted in memory, speak UDP over the loopback interface; no
 * right is needed and nothing of the system is changed. What is not measured is what the kernel's
 * TUN driver and network add: {@code docs/bench/compare} does that.
 */
@NullMarked
package cloud.runbeam.wgagent.app.bench;

import org.jspecify.annotations.NullMarked;
