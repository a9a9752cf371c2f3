@NullMarked
package cloud.runbeam.wgagent.app.audit;

import org.jspecify.annotations.NullMarked;
