/**
 * Judges networks and peers by what their snapshots say; what status, probes and operators are told
 * comes from one place.
 */
@NullMarked
package cloud.runbeam.wgagent.app.health;

import org.jspecify.annotations.NullMarked;
