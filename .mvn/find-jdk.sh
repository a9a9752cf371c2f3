# Finds a JDK for mvnw and wg-agent; read by them with ".", never run. POSIX sh.
#
# find_jdk sets JAVA_HOME to a JDK (or, for the launcher, a runtime) of version WG_AGENT_JDK or later
# and returns 0; otherwise it says on standard error what to install and returns 1. The version is read
# from the "release" file that every JDK carries: starting a JVM to ask costs more than starting wg-agent.

WG_AGENT_JDK=25

# Prints the feature version (25) of the JDK in $1, or nothing when there is none.
jdk_version() {
  [ -x "$1/bin/java" ] && [ -r "$1/release" ] || return 0
  while IFS='=' read -r jdk_key jdk_value; do
    if [ "$jdk_key" = JAVA_VERSION ]; then
      jdk_value=${jdk_value#\"}
      jdk_value=${jdk_value%\"}
      jdk_value=${jdk_value%%[!0-9]*}
      printf '%s' "$jdk_value"
      return 0
    fi
  done <"$1/release"
}

find_jdk() {
  if [ -n "${JAVA_HOME:-}" ]; then
    jdk_found=$(jdk_version "$JAVA_HOME")
    if [ "${jdk_found:-0}" -ge "$WG_AGENT_JDK" ]; then
      export JAVA_HOME
      return 0
    fi
  fi
  jdk_best='' jdk_best_version=0
  for jdk_candidate in /usr/lib/jvm/* /usr/java/* /opt/* /opt/java/* "${HOME:-/nonexistent}"/.sdkman/candidates/java/* \
    "${HOME:-/nonexistent}"/.jdks/* /Library/Java/JavaVirtualMachines/*/Contents/Home \
    /opt/homebrew/opt/openjdk/libexec/openjdk.jdk/Contents/Home; do
    [ -f "$jdk_candidate/release" ] || continue
    jdk_found=$(jdk_version "$jdk_candidate")
    if [ "${jdk_found:-0}" -ge "$WG_AGENT_JDK" ] && [ "$jdk_found" -gt "$jdk_best_version" ]; then
      jdk_best=$jdk_candidate
      jdk_best_version=$jdk_found
    fi
  done
  if [ -z "$jdk_best" ] && [ -x /usr/libexec/java_home ]; then
    jdk_best=$(/usr/libexec/java_home -v "$WG_AGENT_JDK+" 2>/dev/null) || jdk_best=''
  fi
  if [ -z "$jdk_best" ] && jdk_java=$(command -v java); then
    jdk_java=$(readlink -f "$jdk_java" 2>/dev/null || printf '%s' "$jdk_java")
    jdk_candidate=${jdk_java%/bin/java}
    jdk_found=$(jdk_version "$jdk_candidate")
    [ "${jdk_found:-0}" -ge "$WG_AGENT_JDK" ] && jdk_best=$jdk_candidate
  fi
  if [ -z "$jdk_best" ]; then
    {
      echo "wg-agent: no JDK $WG_AGENT_JDK or later found."
      if [ -n "${JAVA_HOME:-}" ]; then
        echo "  JAVA_HOME is $JAVA_HOME, which is $(jdk_found=$(jdk_version "$JAVA_HOME"); [ -n "$jdk_found" ] && echo "Java $jdk_found" || echo 'no JDK')."
      fi
      echo "  Looked in JAVA_HOME, /usr/lib/jvm, /usr/java, /opt, ~/.sdkman, ~/.jdks, /Library/Java and PATH."
      echo "  Install one, for example Eclipse Temurin $WG_AGENT_JDK, or set JAVA_HOME to where it is."
    } >&2
    return 1
  fi
  JAVA_HOME=$jdk_best
  export JAVA_HOME
}
