@NullMarked
package cloud.runbeam.wgagent.app.diagnostics;

import org.jspecify.annotations.NullMarked;
