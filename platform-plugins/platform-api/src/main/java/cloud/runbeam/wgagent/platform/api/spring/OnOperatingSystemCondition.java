package cloud.runbeam.wgagent.platform.api.spring;

import cloud.runbeam.wgagent.platform.api.OperatingSystem;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Compares the wanted system with the current one; the outcome shows in Boot's condition report.
 */
final class OnOperatingSystemCondition extends SpringBootCondition {
  @Override
  public ConditionOutcome getMatchOutcome(
      ConditionContext context, AnnotatedTypeMetadata metadata) {
    OperatingSystem wanted =
        metadata
            .getAnnotations()
            .get(ConditionalOnOperatingSystem.class)
            .getEnum("value", OperatingSystem.class);
    OperatingSystem current = OperatingSystem.current();
    ConditionMessage message =
        ConditionMessage.forCondition(ConditionalOnOperatingSystem.class)
            .because("wanted " + wanted + ", running on " + current);
    return new ConditionOutcome(wanted == current, message);
  }
}
