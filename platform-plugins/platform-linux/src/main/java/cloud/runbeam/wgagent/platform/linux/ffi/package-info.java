/**
 * The C library, seen from Java: {@link cloud.runbeam.wgagent.platform.linux.ffi.LibC} is the one
 * record of native symbols, {@link cloud.runbeam.wgagent.platform.linux.ffi.SystemCalls} calls them
 * with typed arguments and returns errors as negative numbers, {@link
 * cloud.runbeam.wgagent.platform.linux.ffi.Errno} names those.
 *
 * <p>Everything native on Linux goes through the foreign-function API, also what is called only a
 * few times: the symbols share three shapes of call, so that linking all of them costs hardly more
 * than linking one, while JNA would be a second library to load and to unpack into a directory that
 * may be mounted no-exec.
 */
@NullMarked
package cloud.runbeam.wgagent.platform.linux.ffi;

import org.jspecify.annotations.NullMarked;
