/**
 * The packaged agent between network namespaces, driven as a user drives it: the launcher, {@code
 * wg}, {@code ip}, {@code ping} and {@code iperf3}. Needs root and the tools of {@code .ci/run};
 * their absence fails the tests.
 */
@NullMarked
package cloud.runbeam.wgagent.app.namespace;

import org.jspecify.annotations.NullMarked;
