/** What is installed: units of the service manager, packages, images. */
@NullMarked
package cloud.runbeam.wgagent.app.packaging;

import org.jspecify.annotations.NullMarked;
