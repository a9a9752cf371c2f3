/**
 * What is counted: the named ways to lose a packet, and counters with one writer that anyone may
 * read without stopping it.
 */
@NullMarked
package cloud.runbeam.wgagent.engine.counters;

import org.jspecify.annotations.NullMarked;
