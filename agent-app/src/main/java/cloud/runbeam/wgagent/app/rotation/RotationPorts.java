package cloud.runbeam.wgagent.app.rotation;

import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.io.EntropySource;
import cloud.runbeam.wgagent.engine.io.WallClock;

/**
 * What rotations need of the world.
 *
 * @param store remembers them across restarts
 * @param keys where new keys are kept
 * @param entropy makes them
 * @param wallClock tells when time is up, across restarts
 */
public record RotationPorts(
    RotationStore store, KeyArena keys, EntropySource entropy, WallClock wallClock) {}
