/**
 * Inner packets: the IP header fields that routing needs, and the segmentation that TUN devices
 * offer.
 */
@NullMarked
package cloud.runbeam.wgagent.engine.offload;

import org.jspecify.annotations.NullMarked;
