/**
 * What the agent asks of the host seldom: its service manager, its users and groups. Through JNA,
 * whose cost per call does not matter here.
 */
@NullMarked
package cloud.runbeam.wgagent.platform.linux.service;

import org.jspecify.annotations.NullMarked;
