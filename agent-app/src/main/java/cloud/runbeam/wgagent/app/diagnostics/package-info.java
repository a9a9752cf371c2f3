/**
 * What a report of a problem needs, in one archive: {@link
 * cloud.runbeam.wgagent.app.diagnostics.DiagnosticArchive} collects {@link
 * cloud.runbeam.wgagent.app.diagnostics.Section}s, searches each for every key that the process
 * holds, and gives the archive away only if there is none. {@link
 * cloud.runbeam.wgagent.app.diagnostics.RecentLog} remembers the last lines of the log for it.
 */
@NullMarked
package cloud.runbeam.wgagent.app.diagnostics;

import org.jspecify.annotations.NullMarked;
