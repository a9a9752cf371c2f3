/** What the tests of this module share. */
@NullMarked
package cloud.runbeam.wgagent.platform.linux.testkit;

import org.jspecify.annotations.NullMarked;
