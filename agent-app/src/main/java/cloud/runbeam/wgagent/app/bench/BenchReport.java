package cloud.runbeam.wgagent.app.bench;

import cloud.runbeam.wgagent.client.JsonValue;
import cloud.runbeam.wgagent.engine.io.OffloadState;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What was measured.
 *
 * @param host where, one line
 * @param processors that the JVM may use
 * @param aead what sealing and opening cost
 * @param handshakesPerSecond answered by one core
 * @param paths throughput of a tunnel, by what its devices hand over
 * @param crossing how long one packet takes from device to device
 * @param offloads what the operating system does for a device here
 */
public record BenchReport(
    String host,
    int processors,
    List<AeadFigure> aead,
    double handshakesPerSecond,
    List<PathFigure> paths,
    Crossing crossing,
    List<OffloadState> offloads) {
  /** Copies the lists. */
  public BenchReport {
    aead = List.copyOf(aead);
    paths = List.copyOf(paths);
    offloads = List.copyOf(offloads);
  }

  /**
   * One cipher and one length.
   *
   * @param provider its short name
   * @param inUse whether tunnels use it here
   * @param bytes of plaintext
   * @param sealNs nanoseconds to seal, median
   * @param openNs nanoseconds to open, median
   */
  public record AeadFigure(
      String provider, boolean inUse, int bytes, double sealNs, double openNs) {
    private JsonValue toJson() {
      Map<String, JsonValue> members = new LinkedHashMap<>();
      members.put("provider", JsonValue.of(provider));
      members.put("in_use", JsonValue.of(inUse));
      members.put("bytes", JsonValue.of(bytes));
      members.put("seal_ns", number(sealNs, 1));
      members.put("open_ns", number(openNs, 1));
      return new JsonValue.JsonObject(members);
    }
  }

  /**
   * A tunnel under load, both of its ends on this machine.
   *
   * @param frames {@code packets} or {@code super_packets}
   * @param gbitsPerSecond payload received
   * @param packetsPerSecond WireGuard messages received
   * @param cpuSecondsPerGigabyte of both ends and the kernel's work for them, for payload
   * @param garbageBytesPerPacket allocated on the heap by the whole process, per message
   * @param lostBytes payload that never arrived
   */
  public record PathFigure(
      String frames,
      double gbitsPerSecond,
      double packetsPerSecond,
      double cpuSecondsPerGigabyte,
      double garbageBytesPerPacket,
      long lostBytes) {
    private JsonValue toJson() {
      Map<String, JsonValue> members = new LinkedHashMap<>();
      members.put("frames", JsonValue.of(frames));
      members.put("gbits_per_second", number(gbitsPerSecond, 3));
      members.put("packets_per_second", number(packetsPerSecond, 0));
      members.put("cpu_s_per_gb", number(cpuSecondsPerGigabyte, 3));
      members.put("garbage_bytes_per_packet", number(garbageBytesPerPacket, 1));
      members.put("lost_bytes", JsonValue.of(lostBytes));
      return new JsonValue.JsonObject(members);
    }
  }

  /**
   * From one device into the other on an otherwise idle tunnel, both ends of the way included:
   * waking a reader, sealing, UDP over loopback, opening.
   *
   * @param medianUs microseconds
   * @param p99Us microseconds; 99 of 100 packets are at least as fast
   */
  public record Crossing(double medianUs, double p99Us) {
    private JsonValue toJson() {
      Map<String, JsonValue> members = new LinkedHashMap<>();
      members.put("median_us", number(medianUs, 1));
      members.put("p99_us", number(p99Us, 1));
      return new JsonValue.JsonObject(members);
    }
  }

  /** For scripts. */
  public JsonValue toJson() {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    members.put("host", JsonValue.of(host));
    members.put("processors", JsonValue.of(processors));
    members.put("aead", array(aead.stream().map(AeadFigure::toJson).toList()));
    members.put("handshakes_per_second", number(handshakesPerSecond, 0));
    members.put("paths", array(paths.stream().map(PathFigure::toJson).toList()));
    members.put("crossing", crossing.toJson());
    members.put("offloads", array(offloads.stream().map(BenchReport::toJson).toList()));
    return new JsonValue.JsonObject(members);
  }

  private static JsonValue toJson(OffloadState offload) {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    members.put("kind", JsonValue.of(offload.kind()));
    members.put("on", JsonValue.of(offload.on()));
    members.put("detail", JsonValue.of(offload.detail()));
    return new JsonValue.JsonObject(members);
  }

  private static JsonValue array(List<JsonValue> elements) {
    return new JsonValue.JsonArray(elements);
  }

  private static JsonValue number(double value, int digits) {
    return new JsonValue.JsonNumber(String.format(Locale.ROOT, "%." + digits + "f", value));
  }
}
