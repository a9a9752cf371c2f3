package cloud.runbeam.wgagent.app.metrics;

/**
 * What does not change while the agent runs.
 *
 * @param version of this release
 * @param java of the runtime
 * @param aead which one carries the data, and why it was chosen
 * @param platform the name of the platform plugin
 */
public record AgentFacts(String version, String java, String aead, String platform) {}
