/**
 * Windows. This version binds the plugin and answers for it honestly, but does not drive the system
 * yet.
 */
@NullMarked
package cloud.runbeam.wgagent.platform.windows;

import org.jspecify.annotations.NullMarked;
