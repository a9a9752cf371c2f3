package cloud.runbeam.wgagent.app.http;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.Serial;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Set;

/**
 * Stands before everything that is served over HTTP.
 *
 * <pre>
 *   1. method   only GET and HEAD; there is nothing to change here        405
 *   2. host     a name that this machine is known by                      421
 *   3. origin   no page of another site asks through a browser            403
 *   4. headers  nothing is cached, sniffed, framed or lent to a script
 * </pre>
 *
 * <p>Refusals repeat nothing of the request.
 */
public final class HttpGuard extends HttpFilter {
  @Serial private static final long serialVersionUID = 1L;

  private static final Set<String> METHODS = Set.of("GET", "HEAD");
  private static final int MISDIRECTED_REQUEST = 421;

  private final transient HostNames hosts;

  /** A guard that knows under which names it may be called. */
  public HttpGuard(HostNames hosts) {
    this.hosts = hosts;
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    response.setHeader("Cache-Control", "no-store");
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("X-Frame-Options", "DENY");
    response.setHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    response.setHeader("Cross-Origin-Resource-Policy", "same-origin");
    String host = request.getHeader("Host");
    String origin = request.getHeader("Origin");
    if (!METHODS.contains(request.getMethod())) {
      response.setHeader("Allow", "GET, HEAD");
      refuse(response, HttpServletResponse.SC_METHOD_NOT_ALLOWED, "only GET and HEAD");
    } else if (host != null && !hosts.admits(host)) {
      refuse(
          response,
          MISDIRECTED_REQUEST,
          "unknown host name; use an address, or add the name to allowed_hosts in [agent.http]");
    } else if (origin != null && !isOwn(origin)) {
      refuse(response, HttpServletResponse.SC_FORBIDDEN, "not for pages of other sites");
    } else {
      chain.doFilter(request, response);
    }
  }

  /** Whether a page's origin is one that the machine is known by; {@code null} is somebody else. */
  private boolean isOwn(String origin) {
    try {
      String host = new URI(origin).getHost();
      return host != null && hosts.admits(host);
    } catch (URISyntaxException _) {
      return false;
    }
  }

  private static void refuse(HttpServletResponse response, int status, String why)
      throws IOException {
    response.setStatus(status);
    response.setContentType("text/plain;charset=utf-8");
    response.getWriter().println(why);
  }
}
