@NullMarked
package cloud.runbeam.wgagent.app.control;

import org.jspecify.annotations.NullMarked;
