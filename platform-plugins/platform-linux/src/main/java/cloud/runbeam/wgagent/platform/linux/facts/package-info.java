/** What this machine would do with a packet: routes and rules, interfaces, packet filter. */
@NullMarked
package cloud.runbeam.wgagent.platform.linux.facts;

import org.jspecify.annotations.NullMarked;
