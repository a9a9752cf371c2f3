/**
 * The console: {@code wg-agent shell}. It reads a line, finds the command in Spring Shell's
 * registry, and runs it; the commands themselves are those of {@code app.command}, which are also
 * the one-shot verbs.
 *
 * <pre>
 *   terminal: InteractiveConsole ─┐
 *   pipe:     ScriptConsole ──────┴▶ CommandLine ▶ LineParser ▶ CommandRegistry ▶ AgentCommand ▶ AgentLink ▶ agent
 * </pre>
 *
 * <p>The console is a process of its own that knows the agent only by its control socket, so it
 * starts, and helps, also when no agent answers.
 */
@NullMarked
package cloud.runbeam.wgagent.app.shell;

import org.jspecify.annotations.NullMarked;
