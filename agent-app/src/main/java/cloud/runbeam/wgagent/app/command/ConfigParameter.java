package cloud.runbeam.wgagent.app.command;

import cloud.runbeam.wgagent.app.config.NetworkFile;
import cloud.runbeam.wgagent.client.JsonValue;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * A network out of a file, as the agent takes it over the socket.
 *
 * @param network its name
 * @param config its table
 */
record ConfigParameter(String network, JsonValue config) {
  /**
   * Reads the file here, with the rights of whoever runs the command; whether the network makes
   * sense is for the agent to say.
   *
   * @param wanted which of the file's networks; may be empty where there is one
   * @throws CommandUsageException if there is no such file or network in it
   */
  static ConfigParameter of(String file, Optional<String> wanted) throws CommandUsageException {
    try {
      NetworkFile.Table table = NetworkFile.read(Path.of(file), wanted);
      return new ConfigParameter(table.name(), table.members());
    } catch (InvalidPathException | NetworkFile.UnusableFileException refused) {
      throw new CommandUsageException(String.valueOf(refused.getMessage()));
    }
  }

  void put(Map<String, JsonValue> params) {
    params.put("network", JsonValue.of(network));
    params.put("config", config);
  }
}
