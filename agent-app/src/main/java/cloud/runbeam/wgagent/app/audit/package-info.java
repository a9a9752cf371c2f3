/**
 * Who changed what, when, and what became of it: a log whose lines hold each other, so that a line
 * taken out, put in or changed is found.
 */
@NullMarked
package cloud.runbeam.wgagent.app.audit;

import org.jspecify.annotations.NullMarked;
