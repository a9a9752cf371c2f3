/** Tests of what is kept across restarts. */
@NullMarked
package cloud.runbeam.wgagent.app.state;

import org.jspecify.annotations.NullMarked;
