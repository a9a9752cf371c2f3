package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.app.control.rpc.ErrorType;
import cloud.runbeam.wgagent.app.control.rpc.RequestObserver;

/**
 * Observes control requests before there are metrics, and with them once there are: the control
 * socket does not wait for the web server's context, in which meters live. Any thread.
 */
final class LateRequestObserver implements RequestObserver {
  private final RequestObserver always;
  private volatile RequestObserver current;

  LateRequestObserver(RequestObserver always) {
    this.always = always;
    this.current = always;
  }

  /** Adds {@code metrics}, in place of those of before. */
  void use(RequestObserver metrics) {
    current = RequestObserver.both(always, metrics);
  }

  @Override
  public Running begun(String method) {
    return current.begun(method);
  }

  @Override
  public void refused(ErrorType type) {
    current.refused(type);
  }
}
