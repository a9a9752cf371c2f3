@NullMarked
package cloud.runbeam.wgagent.app.tunnel;

import org.jspecify.annotations.NullMarked;
