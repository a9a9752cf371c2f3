/**
 * macOS. This version binds the plugin and answers for it honestly, but does not drive the system
 * yet.
 */
@NullMarked
package cloud.runbeam.wgagent.platform.macos;

import org.jspecify.annotations.NullMarked;
