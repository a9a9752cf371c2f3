package cloud.runbeam.wgagent.app.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.runbeam.wgagent.app.control.rpc.ErrorType;
import cloud.runbeam.wgagent.app.control.rpc.RequestObserver;
import cloud.runbeam.wgagent.app.tunnel.FakePlatform;
import cloud.runbeam.wgagent.app.tunnel.Topic;
import cloud.runbeam.wgagent.app.tunnel.TunnelEvent;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("NullAway.Init")
class TracingTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  private SpanReceiver receiver;
  private Tracing tracing;

  @BeforeEach
  void start() throws IOException {
    receiver = SpanReceiver.start();
    tracing = Tracing.to(Optional.of(URI.create(receiver.endpoint())), "1.2.3");
  }

  @AfterEach
  void stop() {
    tracing.close();
    receiver.close();
  }

  @Test
  void showsARequestWithItsStartItsStepsAndTheFirstHandshake() throws PlatformException {
    PlatformPlugin platform = tracing.platform().apply(new FakePlatform());

    RequestObserver.Running request = tracing.requests().begun("connect");
    state("uninitialized", "starting");
    platform.createTun("wg0", 1_420).close();
    assertThat(platform.interfaces().exists("wg9")).isFalse();
    state("starting", "active");
    request.ended(Optional.empty());
    handshake(1);
    handshake(2);
    tracing.close();

    Span connect = receiver.await("control connect");
    Span start = receiver.await("network start");
    Span step = receiver.await("create interface");
    assertThat(receiver.contentTypes()).containsOnly("application/x-protobuf");
    assertThat(receiver.text()).contains("wg-agent", "1.2.3");
    assertThat(connect.getParentSpanId().isEmpty()).isTrue();
    assertThat(connect.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_SERVER);
    assertThat(start.getParentSpanId()).isEqualTo(connect.getSpanId());
    assertThat(step.getParentSpanId()).isEqualTo(start.getSpanId());
    assertThat(receiver.await("InterfaceSetup.exists").getParentSpanId())
        .isEqualTo(start.getSpanId());
    assertThat(receiver.spans().stream().filter(span -> span.getName().equals("handshake")))
        .satisfiesExactlyInAnyOrder(
            first -> {
              assertThat(first.getParentSpanId()).isEqualTo(start.getSpanId());
              assertThat(first.getEndTimeUnixNano() - first.getStartTimeUnixNano())
                  .isEqualTo(12_500_000);
            },
            later -> assertThat(later.getParentSpanId().isEmpty()).isTrue());
  }

  @Test
  void showsWhatFailedAndWhy() throws PlatformException {
    FakePlatform machine = new FakePlatform();
    machine.refuse("tun");
    PlatformPlugin platform = tracing.platform().apply(machine);

    RequestObserver.Running request = tracing.requests().begun("connect");
    state("uninitialized", "starting");
    assertThatThrownBy(() -> platform.createTun("wg0", 1_420))
        .isInstanceOf(PlatformException.class);
    tracing
        .events()
        .accept(
            new TunnelEvent(
                Topic.STATE,
                "office",
                Optional.empty(),
                NOW,
                Map.of("from", "starting", "to", "error", "failure", "no TUN device")));
    request.ended(Optional.of(ErrorType.PLATFORM_ERROR));
    tracing.close();

    assertThat(receiver.await("network start").getStatus().getMessage()).isEqualTo("no TUN device");
    assertThat(receiver.await("create interface").getStatus().getCode())
        .isEqualTo(Status.StatusCode.STATUS_CODE_ERROR);
    assertThat(receiver.await("control connect").toString()).contains("platform_error");
  }

  @Test
  void makesNoSpansOfWhatIsPartOfNothing() throws PlatformException {
    PlatformPlugin platform = tracing.platform().apply(new FakePlatform());

    assertThat(platform.interfaces().exists("wg9")).isFalse();
    tracing.requests().begun("ping").ended(Optional.empty());
    tracing.close();

    receiver.await("control ping");
    assertThat(receiver.spans()).hasSize(1);
  }

  @Test
  void losesSpansAndNothingElseWithoutAReceiver() {
    receiver.close();

    tracing.requests().begun("ping").ended(Optional.empty());
    tracing.close();
  }

  @Test
  void isNothingAtAllUnlessConfigured() {
    Tracing off = Tracing.to(Optional.empty(), "1.2.3");
    FakePlatform platform = new FakePlatform();

    assertThat(off.isOn()).isFalse();
    assertThat(off.platform().apply(platform)).isSameAs(platform);
  }

  private void state(String from, String to) {
    tracing
        .events()
        .accept(
            new TunnelEvent(
                Topic.STATE, "office", Optional.empty(), NOW, Map.of("from", from, "to", to)));
  }

  private void handshake(long completed) {
    tracing
        .events()
        .accept(
            new TunnelEvent(
                Topic.HANDSHAKE,
                "office",
                Optional.of("core"),
                NOW,
                Map.of("completed", completed, "round_trip_ms", 12.5, "endpoint", "[::1]:1")));
  }
}
