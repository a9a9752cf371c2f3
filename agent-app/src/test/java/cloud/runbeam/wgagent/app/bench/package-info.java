@NullMarked
package cloud.runbeam.wgagent.app.bench;

import org.jspecify.annotations.NullMarked;
