package cloud.runbeam.wgagent.platform.linux.service;

import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.SocketAccess;
import cloud.runbeam.wgagent.platform.linux.ffi.SeldomLibC;
import com.sun.jna.LastErrorException;
import com.sun.jna.NativeLong;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * The first group owns the socket; the others, and the first too where this process may not give
 * files away, are let in by an access list, whose mask leaves the mode at 0660.
 */
public final class LinuxSocketAccess implements SocketAccess {
  private static final String ACCESS_LIST = "system.posix_acl_access";

  // include/uapi/linux/posix_acl_xattr.h: a version, then entries of tag, permissions and id.
  private static final int VERSION = 2;
  private static final int ENTRY_BYTES = 2 + 2 + 4;

  // include/uapi/linux/posix_acl.h; the kernel wants entries in this order.
  private static final short USER_OBJ = 0x01;
  private static final short GROUP_OBJ = 0x04;
  private static final short GROUP = 0x08;
  private static final short MASK = 0x10;
  private static final short OTHER = 0x20;

  private static final short READ_WRITE = 6;
  private static final int NO_ID = -1;

  @Override
  public List<String> share(Path socket, List<String> groups) throws PlatformException {
    List<String> existing = new ArrayList<>();
    List<Integer> ids = new ArrayList<>();
    for (String group : groups) {
      OptionalInt id = LinuxAccounts.groupId(group);
      if (id.isPresent() && !existing.contains(group)) {
        existing.add(group);
        ids.add(id.getAsInt());
      }
    }
    if (existing.isEmpty()) {
      return existing;
    }
    if (giveTo(socket, existing.getFirst())) {
      ids.removeFirst();
    }
    if (!ids.isEmpty()) {
      allow(socket, ids, existing);
    }
    return existing;
  }

  private static boolean giveTo(Path socket, String group) {
    try {
      GroupPrincipal principal =
          socket.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(group);
      PosixFileAttributeView view =
          Objects.requireNonNull(
              Files.getFileAttributeView(
                  socket, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS));
      view.setGroup(principal);
      // Changing the owner may have cleared bits.
      view.setPermissions(PosixFilePermissions.fromString("rw-rw----"));
      return true;
    } catch (IOException _) {
      return false; // Only root gives files to any group.
    }
  }

  private static void allow(Path socket, List<Integer> ids, List<String> groups)
      throws PlatformException {
    List<Integer> sorted = ids.stream().sorted(Integer::compareUnsigned).toList();
    ByteBuffer list =
        ByteBuffer.allocate(Integer.BYTES + ENTRY_BYTES * (4 + sorted.size()))
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(VERSION);
    entry(list, USER_OBJ, READ_WRITE, NO_ID);
    entry(list, GROUP_OBJ, READ_WRITE, NO_ID);
    for (int id : sorted) {
      entry(list, GROUP, READ_WRITE, id);
    }
    entry(list, MASK, READ_WRITE, NO_ID);
    entry(list, OTHER, (short) 0, NO_ID);
    byte[] value = list.array();
    try {
      SeldomLibC.get()
          .setxattr(socket.toString(), ACCESS_LIST, value, new NativeLong(value.length), 0);
    } catch (LastErrorException refused) {
      throw new PlatformException(
          "cannot let the groups " + String.join(", ", groups) + " connect to " + socket,
          "setxattr " + ACCESS_LIST + ": " + refused.getMessage(),
          "put the socket on a file system with access lists (control.socket), or name one group"
              + " only and run as root or as its member");
    }
  }

  private static void entry(ByteBuffer list, short tag, short permissions, int id) {
    list.putShort(tag).putShort(permissions).putInt(id);
  }
}
