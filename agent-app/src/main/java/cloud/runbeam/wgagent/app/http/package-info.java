/**
 * What the agent shows over HTTP beside Actuator, and what stands guard before both: {@code
 * HttpGuard} sees every request first, {@code HealthzServlet} answers probes, {@code
 * MetricsServlet} is the familiar name of Actuator's scrape endpoint. Everything here is read-only.
 */
@NullMarked
package cloud.runbeam.wgagent.app.http;

import org.jspecify.annotations.NullMarked;
