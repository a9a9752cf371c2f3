package cloud.runbeam.wgagent.charts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The chart in every mode, as Helm lints and renders it, read back as the types of Kubernetes. */
class ChartTest {
  private static final String[] CONFIGURED = {"config.existingSecret", "tunnel"};

  @Test
  void lintsWithoutAWord() {
    LintResult result = new Helm(RenderedChart.CHART).lint().strict().quiet().call();

    assertThat(result.getMessages()).noneMatch(message -> message.contains("[ERROR]"));
    assertThat(result.isFailed()).as("%s", result.getMessages()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"daemonset", "deployment", "sidecar"})
  void givesTheAgentOneCapabilityAndNothingElse(String mode) {
    PodSpec pod = template(mode).getSpec();
    Container agent = agent(mode);
    SecurityContext rights = agent.getSecurityContext();

    assertThat(rights.getPrivileged()).isNull();
    assertThat(rights.getCapabilities().getDrop()).containsExactly("ALL");
    assertThat(rights.getCapabilities().getAdd()).containsExactly("NET_ADMIN");
    assertThat(rights.getAllowPrivilegeEscalation()).isFalse();
    assertThat(rights.getReadOnlyRootFilesystem()).isTrue();
    assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
    assertThat(pod.getAutomountServiceAccountToken()).isFalse();
    assertThat(pod.getHostPID()).isNull();
    assertThat(pod.getHostIPC()).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"daemonset", "deployment", "sidecar"})
  void probesAndMountsWhatThePodHas(String mode) {
    PodSpec pod = template(mode).getSpec();
    Container agent = agent(mode);

    assertThat(agent.getStartupProbe().getHttpGet().getPath())
        .isEqualTo("/actuator/health/liveness");
    assertThat(agent.getLivenessProbe().getHttpGet().getPath())
        .isEqualTo("/actuator/health/liveness");
    assertThat(agent.getReadinessProbe().getHttpGet().getPath())
        .isEqualTo("/actuator/health/readiness");
    assertThat(agent.getPorts())
        .anyMatch(port -> port.getName().equals("http") && port.getContainerPort() == 9090);
    List<String> volumes = pod.getVolumes().stream().map(Volume::getName).toList();
    assertThat(agent.getVolumeMounts()).extracting(VolumeMount::getName).isSubsetOf(volumes);
    assertThat(agent.getVolumeMounts())
        .extracting(VolumeMount::getMountPath)
        .contains("/var/lib/wg-agent", "/run", "/tmp", "/dev/net/tun");
    assertThat(agent.getEnv())
        .filteredOn(each -> each.getName().equals("WG_AGENT_HTTP_BIND_ADDRESS"))
        .singleElement()
        .extracting(each -> each.getValueFrom().getFieldRef().getFieldPath())
        .isEqualTo("status.podIP");
  }

  @Test
  void runsOnEachNodeInItsNetworkAsDaemonSet() {
    RenderedChart chart = render("daemonset");

    DaemonSet set = chart.only(DaemonSet.class);
    assertThat(set.getSpec().getTemplate().getSpec().getHostNetwork()).isTrue();
    assertThat(set.getSpec().getTemplate().getMetadata().getLabels())
        .containsAllEntriesOf(set.getSpec().getSelector().getMatchLabels());
    assertThat(chart.kinds()).doesNotContain("Deployment");
  }

  @Test
  void startsBeforeTheApplicationAndEndsAfterItAsSidecar() {
    PodSpec pod = template("sidecar").getSpec();

    assertThat(pod.getHostNetwork()).isNull();
    assertThat(pod.getInitContainers())
        .singleElement()
        .satisfies(agent -> assertThat(agent.getRestartPolicy()).isEqualTo("Always"));
    assertThat(pod.getContainers()).extracting(Container::getName).containsExactly("app");
  }

  @Test
  void endsTheOldGatewayBeforeTheNewOneStarts() {
    Deployment deployment = render("deployment").only(Deployment.class);

    assertThat(deployment.getSpec().getStrategy().getType()).isEqualTo("Recreate");
  }

  @Test
  void makesSecretsOfWhatIsGivenInline() {
    RenderedChart chart =
        RenderedChart.of("config.inline", "# nothing", "keys.inline.wg0", "A".repeat(43) + "=");

    assertThat(chart.kinds()).filteredOn("Secret"::equals).hasSize(2);
    PodSpec pod = chart.only(Deployment.class).getSpec().getTemplate().getSpec();
    assertThat(pod.getVolumes())
        .filteredOn(volume -> volume.getSecret() != null)
        .extracting(volume -> volume.getSecret().getSecretName())
        .containsExactly("demo-wg-agent-config", "demo-wg-agent-keys");
    assertThat(pod.getVolumes())
        .filteredOn(volume -> volume.getSecret() != null)
        .allMatch(volume -> volume.getSecret().getDefaultMode() == 0400);
    Secret config = RenderedChart.of("config.inline", "# nothing").only(Secret.class);
    assertThat(config.getData()).containsKey("config.toml");
  }

  @Test
  void makesNoSecretWhereOneIsGiven() {
    RenderedChart chart = render("deployment", "keys.existingSecret", "my-keys");

    assertThat(chart.kinds()).doesNotContain("Secret");
    assertThat(chart.only(Deployment.class).getSpec().getTemplate().getSpec().getVolumes())
        .filteredOn(volume -> volume.getSecret() != null)
        .extracting(volume -> volume.getSecret().getSecretName())
        .containsExactly("tunnel", "my-keys");
  }

  @Test
  void takesTheTunFromADevicePlugin() {
    RenderedChart chart =
        render("deployment", "tun.source", "devicePlugin", "tun.resource", "example.org/tun");

    PodSpec pod = chart.only(Deployment.class).getSpec().getTemplate().getSpec();
    assertThat(pod.getContainers().getFirst().getResources().getLimits())
        .containsEntry("example.org/tun", new Quantity("1"))
        .containsKey("memory");
    assertThat(pod.getVolumes()).extracting(Volume::getName).doesNotContain("tun");
  }

  @Test
  void offersServiceMonitorsAndPolicyWhenAsked() {
    RenderedChart chart =
        render(
            "deployment",
            "serviceMonitor.enabled",
            "true",
            "networkPolicy.enabled",
            "true",
            "networkPolicy.metricsFrom[0].podSelector.matchLabels.app",
            "prometheus");

    assertThat(chart.kinds()).contains("ServiceMonitor");
    assertThat(chart.only(Service.class).getSpec().getClusterIP()).isEqualTo("None");
    assertThat(chart.only(NetworkPolicy.class).getSpec().getIngress()).hasSize(2);
    assertThat(chart.only(ServiceAccount.class).getAutomountServiceAccountToken()).isFalse();
    assertThat(render("deployment", "podMonitor.enabled", "true").kinds()).contains("PodMonitor");
    assertThat(
            render("deployment", "wireguard.service.enabled", "true")
                .only(Service.class)
                .getSpec()
                .getPorts())
        .singleElement()
        .satisfies(port -> assertThat(port.getProtocol()).isEqualTo("UDP"));
  }

  @Test
  void passesVariablesOn() {
    Container agent =
        render("deployment", "env.WG_AGENT_LOG_LEVEL", "debug")
            .only(Deployment.class)
            .getSpec()
            .getTemplate()
            .getSpec()
            .getContainers()
            .getFirst();

    assertThat(agent.getEnv())
        .extracting(EnvVar::getName, EnvVar::getValue)
        .contains(tuple("WG_AGENT_LOG_LEVEL", "debug"));
  }

  @ParameterizedTest
  @CsvSource({
    "mode, everywhere, mode",
    "imge.tag, 1, imge",
    "http.port, 80, http.port",
    "http.port, none, http.port",
    "keys.inline.wg0, short, keys.inline.wg0",
    "image.digest, sha256:12, image.digest",
    "securityContext.privileged, true, securityContext.privileged",
    "serviceMonitor.interval, often, serviceMonitor.interval",
    "tun.source, magic, tun.source",
    "terminationGracePeriodSeconds, 1, terminationGracePeriodSeconds"
  })
  void namesTheValueThatIsWrong(String name, String value, String named) {
    assertThatThrownBy(() -> render("deployment", name, value))
        .extracting(error -> String.valueOf(error.getMessage()).replace('/', '.'))
        .asString()
        .contains(named);
  }

  @ParameterizedTest
  @CsvSource({
    "deployment, serviceMonitor.enabled=true podMonitor.enabled=true, podMonitor.enabled",
    "daemonset, networkPolicy.enabled=true, networkPolicy.enabled",
    "sidecar, wireguard.service.enabled=true, wireguard.service.enabled",
    "deployment, state.type=claim, state.claimName"
  })
  void namesTheValuesThatDoNotGoTogether(String mode, String values, String named) {
    String[] pairs =
        Arrays.stream(values.split(" "))
            .flatMap(pair -> Arrays.stream(pair.split("=")))
            .toArray(String[]::new);

    assertThatThrownBy(() -> render(mode, pairs)).hasMessageContaining(named);
  }

  @Test
  void saysThatThereIsNoConfiguration() {
    assertThatThrownBy(RenderedChart::of)
        .hasMessageContaining("config.existingSecret")
        .hasMessageContaining("config.inline");
    assertThatThrownBy(() -> RenderedChart.of("config.inline", "#", "mode", "sidecar"))
        .hasMessageContaining("sidecar.containers");
  }

  private static RenderedChart render(String mode, String... values) {
    List<String> all = new ArrayList<>(List.of(CONFIGURED));
    all.addAll(List.of("mode", mode));
    if (mode.equals("sidecar")) {
      all.addAll(
          List.of("sidecar.containers[0].name", "app", "sidecar.containers[0].image", "app:1"));
    }
    all.addAll(List.of(values));
    return RenderedChart.of(all.toArray(String[]::new));
  }

  private static PodTemplateSpec template(String mode) {
    RenderedChart chart = render(mode);
    return mode.equals("daemonset")
        ? chart.only(DaemonSet.class).getSpec().getTemplate()
        : chart.only(Deployment.class).getSpec().getTemplate();
  }

  private static Container agent(String mode) {
    PodSpec pod = template(mode).getSpec();
    List<Container> containers = new ArrayList<>(pod.getContainers());
    containers.addAll(pod.getInitContainers());
    Map<String, Container> byName = new HashMap<>();
    containers.forEach(container -> byName.put(container.getName(), container));
    return Objects.requireNonNull(byName.get("wg-agent"));
  }
}
