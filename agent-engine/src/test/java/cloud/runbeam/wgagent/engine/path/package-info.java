@NullMarked
package cloud.runbeam.wgagent.engine.path;

import org.jspecify.annotations.NullMarked;
