/**
 * The client side of the control socket: what one-shot commands and the console use. JDK only, so
 * that a command starts quickly and the package can become a library of its own.
 */
@NullMarked
package cloud.runbeam.wgagent.app.client;

import org.jspecify.annotations.NullMarked;
