@NullMarked
package cloud.runbeam.wgagent.app.shell;

import org.jspecify.annotations.NullMarked;
