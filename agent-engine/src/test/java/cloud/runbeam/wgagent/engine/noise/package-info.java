@NullMarked
package cloud.runbeam.wgagent.engine.noise;

import org.jspecify.annotations.NullMarked;
