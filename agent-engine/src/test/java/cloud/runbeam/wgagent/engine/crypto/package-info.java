@NullMarked
package cloud.runbeam.wgagent.engine.crypto;

import org.jspecify.annotations.NullMarked;
