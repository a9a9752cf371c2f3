/** Tests of what the documentation shows: the programs of docs/clients. */
@NullMarked
package cloud.runbeam.wgagent.app.docs;

import org.jspecify.annotations.NullMarked;
