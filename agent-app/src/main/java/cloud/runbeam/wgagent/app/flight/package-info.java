/**
 * Events of Java Flight Recorder: what happened to networks and peers, on the same time line as
 * what the JVM records of threads, sockets and collections. They cost nothing while nobody records,
 * which is the rule: a recording that is always on takes some 20 MB of a process that should take
 * 50.
 */
@NullMarked
package cloud.runbeam.wgagent.app.flight;

import org.jspecify.annotations.NullMarked;
