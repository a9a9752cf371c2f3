package cloud.runbeam.wgagent.platform.api.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;

/**
 * Brings in the plugins that are on the class path, and nothing else of what configures itself:
 * each names its configuration in {@code
 * META-INF/spring/cloud.runbeam.wgagent.platform.api.spring.EnablePlatform.imports}.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@ImportAutoConfiguration
public @interface EnablePlatform {}
