package cloud.runbeam.wgagent.app.http;

import cloud.runbeam.wgagent.app.health.AgentCheckup;
import cloud.runbeam.wgagent.app.health.AgentHealth;
import cloud.runbeam.wgagent.app.health.HealthDocument;
import cloud.runbeam.wgagent.app.health.NetworkHealth.Verdict;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.Serial;
import java.util.Map;
import org.springframework.boot.json.JsonWriter;

/**
 * {@code /healthz}: 200 while no network has failed (healthy and degraded), 503 otherwise; always
 * with the whole {@link HealthDocument}.
 */
public final class HealthzServlet extends HttpServlet {
  @Serial private static final long serialVersionUID = 1L;

  private final transient AgentCheckup checkup;
  private final transient JsonWriter<Map<String, Object>> json =
      JsonWriter.<Map<String, Object>>standard().withNewLineAtEnd();

  /** A servlet that looks anew at each request. */
  public HealthzServlet(AgentCheckup checkup) {
    this.checkup = checkup;
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    AgentHealth health = checkup.look();
    response.setStatus(
        health.verdict() == Verdict.FAILED
            ? HttpServletResponse.SC_SERVICE_UNAVAILABLE
            : HttpServletResponse.SC_OK);
    response.setContentType("application/json;charset=utf-8");
    json.write(HealthDocument.of(health), response.getWriter());
  }
}
