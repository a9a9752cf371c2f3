@NullMarked
package cloud.runbeam.wgagent.engine.wire;

import org.jspecify.annotations.NullMarked;
