package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.app.logging.LogSetup;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.context.logging.LoggingApplicationListener;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;

/**
 * Gives the log its form as soon as Spring Boot has set its levels, which is long before there are
 * beans.
 */
final class LogLifecycle
    implements ApplicationListener<ApplicationEnvironmentPreparedEvent>, Ordered {
  private final LogSetup log;

  LogLifecycle(LogSetup log) {
    this.log = log;
  }

  @Override
  public void onApplicationEvent(ApplicationEnvironmentPreparedEvent event) {
    log.install();
  }

  @Override
  public int getOrder() {
    return LoggingApplicationListener.DEFAULT_ORDER + 1;
  }
}
