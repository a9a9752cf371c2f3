/** The host package's tests, on a machine in memory that can refuse and die at every step. */
@NullMarked
package cloud.runbeam.wgagent.app.host;

import org.jspecify.annotations.NullMarked;
