/**
 * OpenTelemetry traces, when a receiver is configured: {@code Tracing} is the one thing others see,
 * and without a receiver it does nothing and loads nothing. A control request is a span; bringing a
 * network up is a span below it, with the steps that change this machine below that, and the first
 * handshakes of its peers.
 */
@NullMarked
package cloud.runbeam.wgagent.app.tracing;

import org.jspecify.annotations.NullMarked;
