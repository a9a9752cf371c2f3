/**
 * What can be asked of a running agent, one class per command: its arguments, its help, and how its
 * result is shown. One-shot verbs and the console run the same classes.
 *
 * <p>{@link cloud.runbeam.wgagent.app.command.Commands} lists them. A {@link
 * cloud.runbeam.wgagent.app.command.Command} reads its arguments first ({@link
 * cloud.runbeam.wgagent.app.command.Command#read}), so that a mistake is told before an agent is
 * needed, and is then run over a connection. Nothing here but {@code --config} needs more than the
 * JDK and {@code client}: a command starts in a fraction of a second.
 */
@NullMarked
package cloud.runbeam.wgagent.app.command;

import org.jspecify.annotations.NullMarked;
