/**
 * Whole devices with their real threads, joined in memory: what stepping agents by hand cannot
 * show.
 */
@NullMarked
package cloud.runbeam.wgagent.engine.live;

import org.jspecify.annotations.NullMarked;
