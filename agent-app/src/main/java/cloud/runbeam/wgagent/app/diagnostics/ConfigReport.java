package cloud.runbeam.wgagent.app.diagnostics;

import cloud.runbeam.wgagent.app.config.AgentConfig;
import cloud.runbeam.wgagent.app.config.KeySource;
import cloud.runbeam.wgagent.app.config.NetworkConfig;
import cloud.runbeam.wgagent.app.config.PeerConfig;

/** The configuration as it was understood, with where its keys come from instead of the keys. */
final class ConfigReport {
  private ConfigReport() {}

  static String text(AgentConfig config) {
    StringBuilder text = new StringBuilder();
    text.append("# ").append(config.file()).append("\n\n[agent]\n");
    for (AgentConfig.AgentProperty property : config.agentProperties()) {
      text.append(property.name()).append(" = ").append(property.value()).append('\n');
    }
    for (NetworkConfig network : config.networks()) {
      network(text, network);
    }
    if (!config.notices().isEmpty()) {
      text.append("\n# notices\n");
      config.notices().forEach(notice -> text.append("# ").append(notice).append('\n'));
    }
    return text.toString();
  }

  private static void network(StringBuilder text, NetworkConfig network) {
    text.append("\n[network.").append(network.name()).append("]\n");
    line(text, "enabled", network.enabled());
    line(text, "interface", network.interfaceName());
    line(text, "address", network.addresses());
    network.mtuBytes().ifPresent(mtu -> line(text, "mtu", mtu));
    line(text, "listen_port", network.listenPort());
    line(text, "private key from", network.privateKey().describe());
    line(text, "dns", network.dns());
    line(text, "dns_search", network.dnsSearch());
    line(text, "routes", network.routes());
    network.table().ifPresent(table -> line(text, "table", table));
    line(text, "fwmark", network.fwmark());
    for (PeerConfig peer : network.peers()) {
      text.append("[[network.").append(network.name()).append(".peers]]\n");
      line(text, "name", peer.name());
      line(text, "public_key", peer.publicKey().toBase64());
      peer.presharedKey()
          .map(KeySource::describe)
          .ifPresent(source -> line(text, "preshared key from", source));
      line(text, "endpoints", peer.endpoints());
      line(text, "allowed_ips", peer.allowedIps());
      line(text, "persistent_keepalive", peer.persistentKeepaliveSeconds());
      peer.probe().ifPresent(probe -> line(text, "probe", probe));
    }
  }

  private static void line(StringBuilder text, String name, Object value) {
    text.append(name).append(" = ").append(value).append('\n');
  }
}
