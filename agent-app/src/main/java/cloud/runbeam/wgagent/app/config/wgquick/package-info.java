/**
 * wg-quick's files, in and out.
 *
 * <pre>
 *   NAME.conf -> ConfFile (lines) -> ConfNetwork (keys of our file) -> NetworkDraft (judged) -> KeyFiles, TOML
 *   NetworkConfig -> ConfText -> NAME.conf
 * </pre>
 *
 * <p>Secrets stay in byte arrays that are wiped; no text, problem or notice ever holds one.
 */
@NullMarked
package cloud.runbeam.wgagent.app.config.wgquick;

import org.jspecify.annotations.NullMarked;
