/**
 * Programs of the system that do what the kernel has no call for: name servers, listing the packet
 * filter.
 */
@NullMarked
package cloud.runbeam.wgagent.platform.linux.tool;

import org.jspecify.annotations.NullMarked;
