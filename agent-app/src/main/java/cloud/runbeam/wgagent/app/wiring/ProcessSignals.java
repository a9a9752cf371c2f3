package cloud.runbeam.wgagent.app.wiring;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signals of the operating system as calls. The JDK has no supported way to hear them, only module
 * {@code jdk.unsupported}, of which nobody can compile against {@code sun.misc.Signal} without a
 * warning: hence by reflection. Where it is missing, a signal does what the JVM does with it.
 */
final class ProcessSignals {
  private static final Logger log = LoggerFactory.getLogger(ProcessSignals.class);

  private ProcessSignals() {}

  /**
   * Runs {@code action}, on a thread of its own each time, instead of what the JVM does by itself.
   *
   * @param name without SIG: TERM, INT, HUP
   * @return whether this system has that signal and lets us hear it
   */
  static boolean handle(String name, Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      InvocationHandler calls =
          (proxy, method, arguments) ->
              switch (method.getName()) {
                case "handle" -> {
                  action.run();
                  yield null;
                }
                case "equals" -> proxy == arguments[0];
                case "hashCode" -> System.identityHashCode(proxy);
                default -> "handler of SIG" + name;
              };
      Object proxy =
          Proxy.newProxyInstance(
              ProcessSignals.class.getClassLoader(), new Class<?>[] {handler}, calls);
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
      return true;
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      // IllegalArgumentException: a system without that signal, or a JVM started with -Xrs.
      log.debug("SIG{} keeps its default: {}", name, e.toString());
      return false;
    }
  }
}
