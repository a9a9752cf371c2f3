/** How each peer's link was during the last hour, in memory and bounded. */
@NullMarked
package cloud.runbeam.wgagent.app.history;

import org.jspecify.annotations.NullMarked;
