/**
 * One device without Spring: the operating system's plugin, the engine, and the UAPI socket, joined
 * for the life of a process.
 */
@NullMarked
package cloud.runbeam.wgagent.app.device;

import org.jspecify.annotations.NullMarked;
