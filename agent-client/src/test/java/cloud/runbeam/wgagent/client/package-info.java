@NullMarked
package cloud.runbeam.wgagent.client;

import org.jspecify.annotations.NullMarked;
