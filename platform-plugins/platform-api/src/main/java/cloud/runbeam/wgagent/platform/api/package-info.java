/**
 * What the agent needs of an operating system. A plugin binds {@link
 * cloud.runbeam.wgagent.platform.api.PlatformPlugin}; the agent meets it as a conditional bean and
 * asks its probe before anything else.
 */
@NullMarked
package cloud.runbeam.wgagent.platform.api;

import org.jspecify.annotations.NullMarked;
