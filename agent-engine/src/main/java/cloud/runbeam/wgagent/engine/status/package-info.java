/**
 * What the engine lets others see: immutable snapshots without secrets. Status, health and metrics
 * read nothing else.
 */
@NullMarked
package cloud.runbeam.wgagent.engine.status;

import org.jspecify.annotations.NullMarked;
