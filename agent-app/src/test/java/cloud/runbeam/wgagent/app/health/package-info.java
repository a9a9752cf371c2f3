@NullMarked
package cloud.runbeam.wgagent.app.health;

import org.jspecify.annotations.NullMarked;
