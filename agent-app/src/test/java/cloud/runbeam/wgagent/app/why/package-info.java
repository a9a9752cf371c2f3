@NullMarked
package cloud.runbeam.wgagent.app.why;

import org.jspecify.annotations.NullMarked;
