/**
 * What a line on the control socket means: JSON in, JSON out, one closed set of errors. Knows
 * nothing of sockets.
 */
@NullMarked
package cloud.runbeam.wgagent.app.control.rpc;

import org.jspecify.annotations.NullMarked;
