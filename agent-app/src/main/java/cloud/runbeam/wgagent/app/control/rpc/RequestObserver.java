package cloud.runbeam.wgagent.app.control.rpc;

import java.util.Optional;

/**
 * Hears of control requests, for metrics and traces. It is asked on the thread that carries the
 * request out, must not block and must not throw; it learns neither parameters nor results.
 *
 * <pre>
 *   begun(method) ── the request is carried out ──▶ Running.ended(refusal?)      same thread
 *   refused(type)    no method was found to ask, or the line or its caller was turned away before
 * </pre>
 */
public interface RequestObserver {
  /** Whom nothing interests. */
  RequestObserver NONE =
      new RequestObserver() {
        @Override
        public Running begun(String method) {
          return _ -> {};
        }

        @Override
        public void refused(ErrorType type) {
          // Nobody asked.
        }
      };

  /**
   * A request begins.
   *
   * @param method the name of a method that exists, never what a caller made up
   * @return is told the end, exactly once, on the same thread
   */
  Running begun(String method);

  /** A request, a line or a caller was turned away before there was a method to ask. */
  void refused(ErrorType type);

  /** Both: {@code outer} hears the beginning first and the end last. */
  static RequestObserver both(RequestObserver outer, RequestObserver inner) {
    return new RequestObserver() {
      @Override
      public Running begun(String method) {
        Running first = outer.begun(method);
        Running second = inner.begun(method);
        return refusal -> {
          second.ended(refusal);
          first.ended(refusal);
        };
      }

      @Override
      public void refused(ErrorType type) {
        outer.refused(type);
        inner.refused(type);
      }
    };
  }

  /** A request that is carried out. */
  @FunctionalInterface
  interface Running {
    /** The request ended: with a result, or with {@code refusal}. */
    void ended(Optional<ErrorType> refusal);
  }
}
