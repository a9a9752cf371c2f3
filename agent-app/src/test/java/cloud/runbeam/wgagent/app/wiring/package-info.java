@NullMarked
package cloud.runbeam.wgagent.app.wiring;

import org.jspecify.annotations.NullMarked;
