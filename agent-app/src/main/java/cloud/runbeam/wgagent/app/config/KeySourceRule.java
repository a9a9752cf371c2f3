package cloud.runbeam.wgagent.app.config;

import java.util.Optional;

/**
 * Whether somebody may have the agent read a secret key from where he says. Asked before anything
 * is opened. Any thread.
 */
@FunctionalInterface
public interface KeySourceRule {
  /** For root, and for files that only root and the agent's user may write. */
  KeySourceRule ANYWHERE = _ -> Optional.empty();

  /**
   * Why not, in words that are the same whether or not the source exists; empty where it is
   * allowed.
   */
  Optional<String> refusal(KeySource source);
}
