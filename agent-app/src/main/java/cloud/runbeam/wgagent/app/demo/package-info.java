/**
 * The demonstration: a tunnel between this machine and a peer that lives in the same process.
 *
 * <p>The far end is a real second device with keys and a UDP socket of its own, reached over
 * loopback; only its TUN is not the operating system's but {@link
 * cloud.runbeam.wgagent.app.demo.MemoryHost}, which answers echo requests.
 */
@NullMarked
package cloud.runbeam.wgagent.app.demo;

import org.jspecify.annotations.NullMarked;
