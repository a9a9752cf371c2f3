/**
 * What needs nftables: the kill switch, and the rules that let answers to outer packets pass the
 * check of their source. Changes are made by {@code nft -f -}, which applies a whole script or
 * nothing of it (nft(8)). Everything lies in tables of our own, so that taking it back is removing
 * them.
 */
@NullMarked
package cloud.runbeam.wgagent.platform.linux.firewall;

import org.jspecify.annotations.NullMarked;
