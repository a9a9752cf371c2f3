package cloud.runbeam.wgagent.app.rotation;

import cloud.runbeam.wgagent.engine.DeviceException;
import cloud.runbeam.wgagent.engine.WireGuardDevice;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.status.DeviceSnapshot;
import java.util.Set;

/** A device as its rotation sees it; {@link WireGuardDevice} says what each does. */
public interface RotatingDevice {
  /** Both keys from now on; the key belongs to the device. */
  void beginRotation(SecretKey newKey, Set<PublicKey> moved) throws DeviceException;

  /** Asks peers that have not moved whether they know the new key. */
  void askWhetherMoved() throws DeviceException;

  /** One key from now on. */
  void endRotation(boolean commit) throws DeviceException;

  /** What the device looks like now. */
  DeviceSnapshot snapshot();

  /** An engine's device. */
  static RotatingDevice of(WireGuardDevice device) {
    return new RotatingDevice() {
      @Override
      public void beginRotation(SecretKey newKey, Set<PublicKey> moved) throws DeviceException {
        device.beginRotation(newKey, moved);
      }

      @Override
      public void askWhetherMoved() throws DeviceException {
        device.askWhetherMoved();
      }

      @Override
      public void endRotation(boolean commit) throws DeviceException {
        device.endRotation(commit);
      }

      @Override
      public DeviceSnapshot snapshot() {
        return device.snapshot();
      }
    };
  }
}
