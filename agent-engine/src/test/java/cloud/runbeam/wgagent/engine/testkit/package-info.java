/**
 * What tests of the engine stand on: time and network that the test moves by hand, seeded chance,
 * and checks that nothing was left behind.
 */
@NullMarked
package cloud.runbeam.wgagent.engine.testkit;

import org.jspecify.annotations.NullMarked;
