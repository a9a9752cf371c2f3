@NullMarked
package cloud.runbeam.wgagent.app.config;

import org.jspecify.annotations.NullMarked;
