package cloud.runbeam.wgagent.app.http;

import cloud.runbeam.wgagent.app.health.AgentHealth;
import cloud.runbeam.wgagent.app.health.HealthDocument;
import cloud.runbeam.wgagent.app.health.NetworkHealth.Verdict;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.Serial;
import java.util.Map;
import java.util.function.Supplier;
import org.springframework.boot.json.JsonWriter;

/**
 * {@code /healthz}: 200 while no network has failed (healthy and degraded), 503 otherwise; always
 * with the whole {@link HealthDocument}.
 */
public final class HealthzServlet extends HttpServlet {
  @Serial private static final long serialVersionUID = 1L;

  private final transient Supplier<AgentHealth> health;
  private final transient JsonWriter<Map<String, Object>> json =
      JsonWriter.<Map<String, Object>>standard().withNewLineAtEnd();

  /** A servlet that asks {@code health} anew at each request. */
  public HealthzServlet(Supplier<AgentHealth> health) {
    this.health = health;
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    AgentHealth now = health.get();
    response.setStatus(
        now.verdict() == Verdict.FAILED
            ? HttpServletResponse.SC_SERVICE_UNAVAILABLE
            : HttpServletResponse.SC_OK);
    response.setContentType("application/json;charset=utf-8");
    json.write(HealthDocument.of(now), response.getWriter());
  }
}
