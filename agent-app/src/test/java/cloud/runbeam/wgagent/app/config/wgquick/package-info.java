/** Tests of wg-quick's files, in and out. */
@NullMarked
package cloud.runbeam.wgagent.app.config.wgquick;

import org.jspecify.annotations.NullMarked;
