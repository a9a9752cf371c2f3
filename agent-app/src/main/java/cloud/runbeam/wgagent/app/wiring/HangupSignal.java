package cloud.runbeam.wgagent.app.wiring;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SIGHUP. Through {@code sun.misc.Signal}, which module {@code jdk.unsupported} exports and the JDK
 * keeps for want of another way (JEP 260); by reflection, because javac warns of it in a way that
 * cannot be told to stop. Where there is no such signal, nothing happens.
 */
final class HangupSignal {
  private static final Logger log = LoggerFactory.getLogger(HangupSignal.class);

  private HangupSignal() {}

  /** From now on SIGHUP runs {@code action}, on a thread of its own each time. */
  static void handle(Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object onHangup =
          Proxy.newProxyInstance(
              HangupSignal.class.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) ->
                  switch (method.getName()) {
                    case "handle" -> {
                      Thread _ = Thread.ofVirtual().name("wg-sighup").start(action);
                      yield null;
                    }
                    case "equals" -> arguments != null && proxy == arguments[0];
                    case "hashCode" -> System.identityHashCode(proxy);
                    default -> "SIGHUP";
                  });
      Object _ =
          signal
              .getMethod("handle", signal, handler)
              .invoke(null, signal.getConstructor(String.class).newInstance("HUP"), onHangup);
    } catch (ReflectiveOperationException | IllegalArgumentException unavailable) {
      Throwable reason =
          unavailable instanceof InvocationTargetException && unavailable.getCause() != null
              ? unavailable.getCause()
              : unavailable;
      log.info("SIGHUP does not reload here: {}", reason.toString());
    }
  }
}
