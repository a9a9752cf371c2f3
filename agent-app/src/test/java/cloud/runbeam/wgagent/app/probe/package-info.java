@NullMarked
package cloud.runbeam.wgagent.app.probe;

import org.jspecify.annotations.NullMarked;
