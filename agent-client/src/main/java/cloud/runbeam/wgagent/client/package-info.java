/**
 * The control API of a running agent for Java programs. JDK only.
 *
 * <p>{@link cloud.runbeam.wgagent.client.ControlClient} is where to start; {@link
 * cloud.runbeam.wgagent.client.EventStream} tells what happens; {@link
 * cloud.runbeam.wgagent.client.JsonValue} is what goes over the wire, written and read here so that
 * a program needs no JSON library and a one-shot command starts quickly.
 */
@NullMarked
package cloud.runbeam.wgagent.client;

import org.jspecify.annotations.NullMarked;
