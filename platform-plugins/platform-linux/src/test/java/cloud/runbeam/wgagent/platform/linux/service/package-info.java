/** Tests of what the agent asks of the host seldom. */
@NullMarked
package cloud.runbeam.wgagent.platform.linux.service;

import org.jspecify.annotations.NullMarked;
