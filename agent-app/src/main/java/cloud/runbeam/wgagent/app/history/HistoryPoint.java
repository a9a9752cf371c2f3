package cloud.runbeam.wgagent.app.history;

import java.time.Instant;
import java.util.OptionalDouble;

/**
 * One peer's link during one minute.
 *
 * @param at the end of the minute
 * @param latencyMs round trip in milliseconds: of an echo to the peer's probe address, otherwise of a
 *     handshake in that minute; empty where there was neither
 * @param lossRatio share of the peer's packets of that minute that never came, 0 to 1; empty
 *     without traffic
 * @param txBytesPerSecond sent to the peer
 * @param rxBytesPerSecond received from it
 */
public record HistoryPoint(
    Instant at,
    OptionalDouble latencyMs,
    OptionalDouble lossRatio,
    double txBytesPerSecond,
    double rxBytesPerSecond) {}
