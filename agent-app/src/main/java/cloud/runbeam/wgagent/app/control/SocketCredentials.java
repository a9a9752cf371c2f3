package cloud.runbeam.wgagent.app.control;

import cloud.runbeam.wgagent.app.control.rpc.Caller;
import cloud.runbeam.wgagent.app.control.rpc.Caller.ProcessIds;
import cloud.runbeam.wgagent.app.control.rpc.ErrorType;
import cloud.runbeam.wgagent.app.control.rpc.RequestException;
import cloud.runbeam.wgagent.app.control.rpc.Role;
import cloud.runbeam.wgagent.engine.io.MonotonicClock;
import cloud.runbeam.wgagent.platform.api.Accounts;
import cloud.runbeam.wgagent.platform.api.PeerCredentials;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;

/**
 * Callers by the credentials that the kernel keeps of a Unix socket's other end ({@code
 * SO_PEERCRED}, {@code LOCAL_PEERCRED}).
 *
 * <table>
 * <caption>Roles</caption>
 * <tr><td>root, the agent's own user</td><td>administrator</td></tr>
 * <tr><td>member of a group in {@code control.admin_groups}</td><td>administrator</td></tr>
 * <tr><td>member of a group in {@code control.reader_groups}</td><td>reader</td></tr>
 * <tr><td>everybody else</td><td>refused</td></tr>
 * </table>
 *
 * <p>The process's own group counts as well as the user's memberships. These are looked up one at a
 * time and remembered for a few seconds, because a directory server may be slow to answer.
 */
public final class SocketCredentials implements CallerIdentity {
  /** How long a membership that was looked up holds. */
  private static final Duration REMEMBERED = Duration.ofSeconds(5);

  /** More users than one machine has at a time; past it everything is looked up anew. */
  private static final int MANY_USERS = 1_024;

  private final UserPrincipal self;
  private final UserPrincipal root;
  private final Groups groups;
  private final Accounts accounts;
  private final PeerCredentials credentials;
  private final MonotonicClock clock;
  private final ReentrantLock lookingUp = new ReentrantLock();
  private final Map<String, Remembered> memberships = new HashMap<>();

  private record Remembered(Optional<Role> role, long untilNs) {}

  private SocketCredentials(
      UserPrincipal self,
      UserPrincipal root,
      Groups groups,
      Accounts accounts,
      PeerCredentials credentials,
      MonotonicClock clock) {
    this.self = self;
    this.root = root;
    this.groups = groups;
    this.accounts = accounts;
    this.credentials = credentials;
    this.clock = clock;
  }

  /**
   * Roles for an agent that runs as {@code ownUser}.
   *
   * @param ownUser name or number
   * @throws IOException if the system cannot say who that is
   */
  public static SocketCredentials of(
      String ownUser,
      Groups groups,
      Accounts accounts,
      PeerCredentials credentials,
      MonotonicClock clock)
      throws IOException {
    UserPrincipalLookupService users = FileSystems.getDefault().getUserPrincipalLookupService();
    return new SocketCredentials(
        users.lookupPrincipalByName(ownUser), root(users), groups, accounts, credentials, clock);
  }

  /**
   * By number where the system has no accounts (an image from scratch): numbers are what is
   * compared.
   */
  private static UserPrincipal root(UserPrincipalLookupService users) throws IOException {
    try {
      return users.lookupPrincipalByName("root");
    } catch (UserPrincipalNotFoundException _) {
      return users.lookupPrincipalByName("0");
    }
  }

  @Override
  public Caller identify(SocketChannel connection) throws RequestException {
    UnixDomainPrincipal peer;
    try {
      peer = connection.getOption(ExtendedSocketOptions.SO_PEERCRED);
    } catch (IOException | UnsupportedOperationException _) {
      throw new RequestException(
          ErrorType.AUTHENTICATION_FAILED, "the system does not say who you are");
    }
    String user = peer.user().getName();
    boolean owner = peer.user().equals(root) || peer.user().equals(self);
    Role role =
        (owner ? Optional.of(Role.ADMIN) : byGroup(user, peer.group().getName()))
            .orElseThrow(() ->
                new RequestException(
                    ErrorType.PERMISSION_DENIED,
                    "user "
                        + user
                        + " may not use this socket: be root, the agent's user, or a member of a"
                        + " group in control.admin_groups or control.reader_groups"));
    return new Caller(user, role, process(connection, peer));
  }

  private ProcessIds process(SocketChannel connection, UnixDomainPrincipal peer) {
    return credentials
        .of(connection)
        .map(found ->
            new ProcessIds(
                OptionalLong.of(found.uid()),
                OptionalLong.of(found.gid()),
                OptionalLong.of(found.pid()),
                found.executable()))
        .orElseGet(() ->
            new ProcessIds(
                peer.user().equals(root) ? OptionalLong.of(0) : OptionalLong.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                Optional.empty()));
  }

  private Optional<Role> byGroup(String user, String processGroup) {
    if (groups.admins().contains(processGroup)) {
      return Optional.of(Role.ADMIN);
    }
    Optional<Role> role = byMembership(user);
    return role.isEmpty() && groups.readers().contains(processGroup)
        ? Optional.of(Role.READER)
        : role;
  }

  private Optional<Role> byMembership(String user) {
    lookingUp.lock();
    try {
      long nowNs = clock.nowNs();
      Remembered known = memberships.get(user);
      if (known != null && known.untilNs() - nowNs > 0) {
        return known.role();
      }
      Optional<Role> role = Optional.empty();
      if (isMemberOfAny(user, groups.admins())) {
        role = Optional.of(Role.ADMIN);
      } else if (isMemberOfAny(user, groups.readers())) {
        role = Optional.of(Role.READER);
      }
      if (memberships.size() >= MANY_USERS) {
        memberships.clear();
      }
      memberships.put(user, new Remembered(role, nowNs + REMEMBERED.toNanos()));
      return role;
    } finally {
      lookingUp.unlock();
    }
  }

  private boolean isMemberOfAny(String user, List<String> wanted) {
    return wanted.stream().anyMatch(group -> accounts.isMember(user, group));
  }
}
