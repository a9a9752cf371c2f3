/** Tests of what is remembered. */
@NullMarked
package cloud.runbeam.wgagent.app.history;

import org.jspecify.annotations.NullMarked;
