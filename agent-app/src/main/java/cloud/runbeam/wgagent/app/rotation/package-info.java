/**
 * A new private key for a network that nobody notices.
 *
 * <p>{@link cloud.runbeam.wgagent.app.rotation.Rotation} is the course of one: a new key is stored
 * beside the old one, the engine answers for both, peers move one by one, and in the end one of the
 * two keys goes. {@link cloud.runbeam.wgagent.app.rotation.RotationStore} remembers it across
 * restarts, {@link cloud.runbeam.wgagent.app.rotation.RotationStatus} is what callers see.
 */
@NullMarked
package cloud.runbeam.wgagent.app.rotation;

import org.jspecify.annotations.NullMarked;
