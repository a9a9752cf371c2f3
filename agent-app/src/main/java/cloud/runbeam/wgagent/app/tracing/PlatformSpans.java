package cloud.runbeam.wgagent.app.tracing;

import cloud.runbeam.wgagent.platform.api.DnsSettings;
import cloud.runbeam.wgagent.platform.api.InterfaceSetup;
import cloud.runbeam.wgagent.platform.api.KillSwitch;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import cloud.runbeam.wgagent.platform.api.PolicyRouting;
import cloud.runbeam.wgagent.platform.api.RouteTable;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Scope;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Makes a span of every call that asks a platform to change something, where it is part of a
 * request or a start; calls by themselves make none. What moves packets, and clocks, are handed
 * through as they are.
 */
final class PlatformSpans implements UnaryOperator<PlatformPlugin> {
  private static final Set<Class<?>> STEPS =
      Set.of(
          InterfaceSetup.class,
          RouteTable.class,
          PolicyRouting.class,
          KillSwitch.class,
          DnsSettings.class);

  private final Tracer tracer;

  PlatformSpans(Tracer tracer) {
    this.tracer = tracer;
  }

  @Override
  public PlatformPlugin apply(PlatformPlugin platform) {
    return seen(
        PlatformPlugin.class,
        platform,
        (_, method, arguments) -> {
          Class<?> type = method.getReturnType();
          if (STEPS.contains(type)) {
            return steps(type, call(platform, method, arguments));
          }
          return method.getName().equals("createTun")
              ? step("create interface", platform, method, arguments)
              : call(platform, method, arguments);
        });
  }

  private <T> T steps(Class<T> port, @Nullable Object target) {
    return seen(
        port,
        port.cast(Objects.requireNonNull(target)),
        (_, method, arguments) ->
            method.getDeclaringClass() == Object.class
                ? call(target, method, arguments)
                : step(port.getSimpleName() + "." + method.getName(), target, method, arguments));
  }

  private static <T> T seen(Class<T> port, T target, InvocationHandler handler) {
    return port.cast(
        Proxy.newProxyInstance(target.getClass().getClassLoader(), new Class<?>[] {port}, handler));
  }

  private @Nullable Object step(
      String name, @Nullable Object target, Method method, @Nullable Object @Nullable [] arguments)
      throws Throwable {
    if (!Span.current().getSpanContext().isValid()) {
      return call(target, method, arguments);
    }
    Span span = tracer.spanBuilder(name).startSpan();
    try (Scope _ = span.makeCurrent()) {
      return call(target, method, arguments);
    } catch (Throwable failed) {
      span.setStatus(StatusCode.ERROR, String.valueOf(failed.getMessage()));
      throw failed;
    } finally {
      span.end();
    }
  }

  private static @Nullable Object call(
      @Nullable Object target, Method method, @Nullable Object @Nullable [] arguments)
      throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException thrown) {
      throw thrown.getCause() == null ? thrown : thrown.getCause();
    }
  }
}
