/** Segmentation and checksums against naive twins. */
@NullMarked
package cloud.runbeam.wgagent.engine.offload;

import org.jspecify.annotations.NullMarked;
