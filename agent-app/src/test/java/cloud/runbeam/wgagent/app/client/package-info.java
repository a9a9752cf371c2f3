@NullMarked
package cloud.runbeam.wgagent.app.client;

import org.jspecify.annotations.NullMarked;
