/**
 * {@code selftest}: whether this build computes what the standards say, carries packets through two
 * devices in this process whatever the network does, and what this host offers. {@code SelfTest}
 * runs the groups in that order; each check gives a sentence of evidence or the reason it failed.
 */
@NullMarked
package cloud.runbeam.wgagent.app.selftest;

import org.jspecify.annotations.NullMarked;
