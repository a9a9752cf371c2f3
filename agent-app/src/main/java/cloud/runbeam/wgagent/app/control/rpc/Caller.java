package cloud.runbeam.wgagent.app.control.rpc;

/**
 * Who is at the other end, as the operating system says; never taken from a message.
 *
 * @param user name or number of the user
 * @param role what the caller may do
 */
public record Caller(String user, Role role) {}
