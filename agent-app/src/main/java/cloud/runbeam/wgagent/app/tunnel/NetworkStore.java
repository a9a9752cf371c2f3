package cloud.runbeam.wgagent.app.tunnel;

import cloud.runbeam.wgagent.app.config.NetworkConfig;
import cloud.runbeam.wgagent.platform.api.PlatformException;

/** Keeps networks of the API for the next start of the agent. Any thread; calls block briefly. */
public interface NetworkStore {
  /** Keeps nothing, and says so to whoever asks for it. */
  NetworkStore NONE =
      new NetworkStore() {
        @Override
        public void keep(NetworkConfig config) throws PlatformException {
          throw new PlatformException(
              "cannot keep network " + config.name(),
              "this agent has no state directory",
              "connect it without persist");
        }

        @Override
        public void forget(String network) {}
      };

  /**
   * Keeps these settings, instead of what is kept under the same name. When this returns they
   * survive a crash of the machine; when it throws, what was kept before still is.
   */
  void keep(NetworkConfig config) throws PlatformException;

  /** Keeps the network no longer; one that is not kept is no error. */
  void forget(String network) throws PlatformException;
}
