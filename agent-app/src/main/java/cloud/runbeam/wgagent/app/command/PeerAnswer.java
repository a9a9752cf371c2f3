package cloud.runbeam.wgagent.app.command;

import cloud.runbeam.wgagent.client.JsonValue.JsonObject;

/** What is said of a peer that was changed. */
final class PeerAnswer {
  private PeerAnswer() {}

  /** Prints one line. */
  static int show(JsonObject result, String done, CommandOutput output) {
    JsonObject peer = result.object("peer").orElse(result);
    String name = peer.text("name").or(() -> peer.text("public_key")).orElse("peer");
    String line =
        name
            + ": "
            + done
            + (peer.array("endpoint").isEmpty()
                ? ""
                : ", at " + String.join(" ", StatusReport.texts(peer, "endpoint")))
            + (peer.array("allowed_ips").isEmpty()
                ? ""
                : ", for " + String.join(" ", StatusReport.texts(peer, "allowed_ips")));
    output.line(TextTable.printable(line));
    return Command.Action.OK;
  }
}
