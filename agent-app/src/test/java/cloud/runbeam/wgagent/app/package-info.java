@NullMarked
package cloud.runbeam.wgagent.app;

import org.jspecify.annotations.NullMarked;
