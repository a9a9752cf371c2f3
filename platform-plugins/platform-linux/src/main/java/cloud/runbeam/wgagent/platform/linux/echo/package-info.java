/** Echo requests through a tunnel, to measure it from inside. */
@NullMarked
package cloud.runbeam.wgagent.platform.linux.echo;

import org.jspecify.annotations.NullMarked;
