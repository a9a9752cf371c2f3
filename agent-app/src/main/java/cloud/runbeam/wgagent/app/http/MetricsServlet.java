package cloud.runbeam.wgagent.app.http;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.Serial;

/** {@code /metrics}: where scrapers look first; the same as {@code /actuator/prometheus}. */
public final class MetricsServlet extends HttpServlet {
  @Serial private static final long serialVersionUID = 1L;

  private static final String ACTUATOR = "/actuator/prometheus";

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws ServletException, IOException {
    request.getRequestDispatcher(ACTUATOR).forward(request, response);
  }
}
