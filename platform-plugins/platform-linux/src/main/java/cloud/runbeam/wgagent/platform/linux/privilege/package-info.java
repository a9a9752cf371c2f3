/**
 * Fewer rights: {@link cloud.runbeam.wgagent.platform.linux.privilege.UserSwitch} goes on as
 * another user, {@link cloud.runbeam.wgagent.platform.linux.privilege.SystemCallFilter} refuses
 * what is never needed, {@link cloud.runbeam.wgagent.platform.linux.privilege.ThreadRights} tells
 * what is left.
 */
@NullMarked
package cloud.runbeam.wgagent.platform.linux.privilege;

import org.jspecify.annotations.NullMarked;
