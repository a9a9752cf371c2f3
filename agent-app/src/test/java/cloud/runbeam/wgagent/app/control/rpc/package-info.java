@NullMarked
package cloud.runbeam.wgagent.app.control.rpc;

import org.jspecify.annotations.NullMarked;
