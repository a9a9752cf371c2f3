package cloud.runbeam.wgagent.platform.linux.netlink;

/**
 * Numbers of linux/netlink.h, linux/rtnetlink.h, linux/if_link.h, linux/if_addr.h and
 * linux/fib_rules.h.
 */
final class Rtnetlink {
  // struct nlmsghdr: length 32, type 16, flags 16, sequence 32, port 32.
  static final int HEADER_BYTES = 16;
  static final int NLMSG_NOOP = 1;
  static final int NLMSG_ERROR = 2;
  static final int NLMSG_DONE = 3;

  static final int NLM_F_REQUEST = 0x001;
  static final int NLM_F_MULTI = 0x002;
  static final int NLM_F_ACK = 0x004;
  static final int NLM_F_DUMP_INTR = 0x010;
  static final int NLM_F_DUMP = 0x300;
  static final int NLM_F_REPLACE = 0x100;
  static final int NLM_F_EXCL = 0x200;
  static final int NLM_F_CREATE = 0x400;
  // On replies of type NLMSG_ERROR.
  static final int NLM_F_CAPPED = 0x100;
  static final int NLM_F_ACK_TLVS = 0x200;
  static final int NLMSGERR_ATTR_MSG = 1;

  // Multicast groups, enum rtnetlink_groups.
  static final int RTNLGRP_LINK = 1;
  static final int RTNLGRP_IPV4_IFADDR = 5;
  static final int RTNLGRP_IPV4_ROUTE = 7;
  static final int RTNLGRP_IPV4_RULE = 8;
  static final int RTNLGRP_IPV6_IFADDR = 9;
  static final int RTNLGRP_IPV6_ROUTE = 11;
  static final int RTNLGRP_IPV6_RULE = 19;

  static final int RTM_NEWLINK = 16;
  static final int RTM_DELLINK = 17;
  static final int RTM_GETLINK = 18;
  static final int RTM_NEWADDR = 20;
  static final int RTM_DELADDR = 21;
  static final int RTM_GETADDR = 22;
  static final int RTM_NEWROUTE = 24;
  static final int RTM_DELROUTE = 25;
  static final int RTM_GETROUTE = 26;
  static final int RTM_NEWRULE = 32;
  static final int RTM_DELRULE = 33;

  // struct ifinfomsg: family 8, pad 8, type 16, index 32, flags 32, change 32.
  static final int IFINFO_BYTES = 16;
  static final int IFINFO_INDEX = 4;
  static final int IFINFO_FLAGS = 8;
  static final int IFF_UP = 1;
  static final int IFF_RUNNING = 0x40;
  static final int IFLA_IFNAME = 3;
  static final int IFLA_MTU = 4;

  // struct ifaddrmsg: family 8, prefix length 8, flags 8, scope 8, index 32.
  static final int IFADDR_BYTES = 8;
  static final int IFADDR_PREFIX_LENGTH = 1;
  static final int IFADDR_FLAGS = 2;
  static final int IFADDR_INDEX = 4;
  static final int IFA_ADDRESS = 1;
  static final int IFA_LOCAL = 2;
  static final int IFA_FLAGS = 8;
  static final int IFA_F_NODAD = 0x02;
  static final int IFA_F_DADFAILED = 0x08;
  static final int IFA_F_DEPRECATED = 0x20;
  static final int IFA_F_TENTATIVE = 0x40;

  // struct rtmsg: family 8, destination length 8, source length 8, tos 8, table 8, protocol 8,
  // scope 8, type 8, flags 32.
  static final int ROUTE_BYTES = 12;
  static final int ROUTE_DESTINATION_LENGTH = 1;
  static final int ROUTE_TABLE = 4;
  static final int ROUTE_TYPE = 7;
  static final int ROUTE_FLAGS = 8;
  static final int RTA_DST = 1;
  static final int RTA_SRC = 2;
  static final int RTA_OIF = 4;
  static final int RTA_GATEWAY = 5;
  static final int RTA_PRIORITY = 6;
  static final int RTA_PREFSRC = 7;
  static final int RTA_METRICS = 8;
  static final int RTA_MULTIPATH = 9;
  static final int RTA_TABLE = 15;
  static final int RTA_MARK = 16;
  static final int RTA_VIA = 18;
  static final int RTAX_MTU = 2;
  static final int RT_TABLE_UNSPEC = 0;
  static final int RTPROT_STATIC = 4;
  static final int RT_SCOPE_UNIVERSE = 0;
  static final int RT_SCOPE_LINK = 253;
  static final int RT_SCOPE_NOWHERE = 255;
  static final int RTN_UNICAST = 1;
  static final int RTN_LOCAL = 2;
  static final int RTN_BROADCAST = 3;
  static final int RTN_ANYCAST = 4;
  static final int RTN_MULTICAST = 5;
  static final int RTN_BLACKHOLE = 6;
  static final int RTN_UNREACHABLE = 7;
  static final int RTN_PROHIBIT = 8;
  static final int RTM_F_CLONED = 0x200;
  static final int RTM_F_LOOKUP_TABLE = 0x1000;
  static final int RTM_F_FIB_MATCH = 0x2000;

  static final int RTM_GETRULE = 34;

  // struct fib_rule_hdr: family 8, destination length 8, source length 8, tos 8, table 8, reserved
  // 16, action 8, flags 32.
  static final int RULE_BYTES = 12;
  static final int RULE_ACTION = 7;
  static final int RULE_FLAGS = 8;
  static final int FRA_PRIORITY = 6;
  static final int FRA_FWMARK = 10;
  static final int FRA_SUPPRESS_PREFIXLEN = 14;
  static final int FRA_TABLE = 15;
  static final int FRA_FWMASK = 16;
  static final int FR_ACT_TO_TBL = 1;
  static final int FIB_RULE_INVERT = 0x2;

  static final int AF_UNSPEC = 0;
  static final int AF_INET = 2;
  static final int AF_INET6 = 10;

  private Rtnetlink() {}
}
