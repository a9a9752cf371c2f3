@NullMarked
package cloud.runbeam.wgagent.engine.cookie;

import org.jspecify.annotations.NullMarked;
