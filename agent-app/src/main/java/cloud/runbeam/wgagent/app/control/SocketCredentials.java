package cloud.runbeam.wgagent.app.control;

import cloud.runbeam.wgagent.app.control.rpc.Caller;
import cloud.runbeam.wgagent.app.control.rpc.ErrorType;
import cloud.runbeam.wgagent.app.control.rpc.RequestException;
import cloud.runbeam.wgagent.app.control.rpc.Role;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.Set;
import jdk.net.ExtendedSocketOptions;

/**
 * Callers by the credentials that the kernel keeps of a Unix socket's other end ({@code
 * SO_PEERCRED}, {@code LOCAL_PEERCRED}): root and the agent's own user are administrators, nobody
 * else is let in.
 */
public final class SocketCredentials implements CallerIdentity {
  private final Set<UserPrincipal> administrators;

  private SocketCredentials(Set<UserPrincipal> administrators) {
    this.administrators = administrators;
  }

  /**
   * Root and the owner of {@code ownFile}, a file that this process made.
   *
   * @throws IOException if the system cannot say who they are
   */
  public static SocketCredentials forOwnerOf(Path ownFile) throws IOException {
    UserPrincipal self = Files.getOwner(ownFile, LinkOption.NOFOLLOW_LINKS);
    UserPrincipal root = root();
    return new SocketCredentials(self.equals(root) ? Set.of(root) : Set.of(self, root));
  }

  /**
   * By number where the system has no accounts (an image from scratch): numbers are what is
   * compared.
   */
  private static UserPrincipal root() throws IOException {
    UserPrincipalLookupService users = FileSystems.getDefault().getUserPrincipalLookupService();
    try {
      return users.lookupPrincipalByName("root");
    } catch (UserPrincipalNotFoundException _) {
      return users.lookupPrincipalByName("0");
    }
  }

  @Override
  public Caller identify(SocketChannel connection) throws RequestException {
    UserPrincipal user;
    try {
      user = connection.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
    } catch (IOException | UnsupportedOperationException _) {
      throw new RequestException(
          ErrorType.AUTHENTICATION_FAILED, "the system does not say who you are");
    }
    if (!administrators.contains(user)) {
      throw new RequestException(
          ErrorType.PERMISSION_DENIED,
          "user " + user.getName() + " may not use this socket: be root or the agent's user");
    }
    return new Caller(user.getName(), Role.ADMIN);
  }
}
