@NullMarked
package cloud.runbeam.wgagent.app.selftest;

import org.jspecify.annotations.NullMarked;
