/**
 * What plugins need to be found by Spring. It lies in platform-api so that the three plugins share
 * one condition, and in a package of its own behind an optional dependency so that users of the
 * plugins without Spring never load a class of it.
 */
@NullMarked
package cloud.runbeam.wgagent.platform.api.spring;

import org.jspecify.annotations.NullMarked;
