/** Fewer rights. */
@NullMarked
package cloud.runbeam.wgagent.platform.linux.privilege;

import org.jspecify.annotations.NullMarked;
