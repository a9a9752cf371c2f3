package cloud.runbeam.wgagent.app.host;

import cloud.runbeam.wgagent.platform.api.PlatformPlugin;

/**
 * What all networks of this agent share of the machine.
 *
 * @param platform makes the changes
 * @param fence the one kill switch of all networks
 * @param markedSources who needs sources to be checked by mark
 * @param numbers tables and marks that were chosen
 */
record Machine(
    PlatformPlugin platform, Fence fence, MarkedSources markedSources, FreeNumbers numbers) {}
