/**
 * The log, line by line: what happened and what to do. {@code AgentLog} puts it in place of Spring
 * Boot's console appender; {@code LineForm} is how a line looks (text, JSON, either with journald's
 * priority), {@code RepeatLimit} keeps a flood from filling a disk. The engine logs nothing at all.
 */
@NullMarked
package cloud.runbeam.wgagent.app.logging;

import org.jspecify.annotations.NullMarked;
