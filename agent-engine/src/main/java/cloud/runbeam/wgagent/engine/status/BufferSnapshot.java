package cloud.runbeam.wgagent.engine.status;

/**
 * The pooled buffers of one device, which hold packets that wait for a session and handshake
 * messages that wait for the conductor. Once nothing waits, all are free again.
 *
 * @param free buffers that nobody holds; exact while no packet moves
 * @param capacity all of them
 */
public record BufferSnapshot(int free, int capacity) {}
