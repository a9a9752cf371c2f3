package cloud.runbeam.wgagent.engine;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.memory.PacketBatch;
import cloud.runbeam.wgagent.engine.path.AgentRunner;
import cloud.runbeam.wgagent.engine.path.InboundAgent;
import cloud.runbeam.wgagent.engine.path.OutboundAgent;
import cloud.runbeam.wgagent.engine.session.Keypair;
import cloud.runbeam.wgagent.engine.session.ReplayWindow;
import cloud.runbeam.wgagent.engine.session.SendCounter;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What docs/architecture.md promises of this module, checked. Numbers are those of its rules. */
class ArchitectureTest {
  private static final String ENGINE = "cloud.runbeam.wgagent.engine";

  private static final JavaClasses CLASSES =
      new ClassFileImporter().withImportOption(new DoNotIncludeTests()).importPackages(ENGINE);

  /** From the way in to the ground: a package may see those of later rows, not those beside it. */
  private static final List<List<String>> ROWS =
      List.of(
          List.of("uapi"),
          List.of(""),
          List.of("path"),
          List.of("peer"),
          List.of("status"),
          List.of("routing", "noise", "cookie", "session", "timer"),
          List.of("wire", "offload"),
          List.of("crypto"),
          List.of("io"),
          List.of("memory", "counters"));

  /** What a packet passes through between TUN and UDP; rule 6 holds for these. */
  private static final DescribedPredicate<JavaClass> PACKET_PATH =
      belongToAnyOf(
              OutboundAgent.class,
              InboundAgent.class,
              Keypair.class,
              SendCounter.class,
              ReplayWindow.class,
              PacketBatch.class)
          .or(resideInAnyPackage(inEngine("wire"), inEngine("offload"), inEngine("counters")))
          .or(nameMatching(".*\\.routing\\.(PrefixTrie|IndexTable).*"))
          .or(nameMatching(".*\\.path\\.TransportSender"))
          .as("the packet path");

  @Test
  void rule1SeesOnlyTheJdkNullAnnotationsAndQueues() {
    classes()
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(
                "java..",
                "javax.crypto..",
                "org.jspecify.annotations..",
                "org.jctools..",
                ENGINE + ".."))
        .because("the engine is a library: what it drags in, every user of it drags in")
        .check(CLASSES);
    noClasses()
        .that(not(resideInAPackage(inEngine("path"))))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.jctools..")
        .because("queues stand between threads, and threads are the path's business")
        .check(CLASSES);
  }

  @Test
  void rule2HasNoPackageCycles() {
    slices()
        .matching(ENGINE + ".(*)..")
        .should()
        .beFreeOfCycles()
        .because("a package can be read, tested and replaced only with what it stands on")
        .check(CLASSES);
  }

  @ParameterizedTest
  @MethodSource
  void packagesSeeOnlyThoseBelow(String seeing, String[] hidden) {
    noClasses()
        .that()
        .resideInAPackage(inEngine(seeing))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(hidden)
        .because("the reading order of docs/architecture.md goes one way")
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  static Stream<Object[]> packagesSeeOnlyThoseBelow() {
    List<Object[]> cases = new ArrayList<>();
    List<String> aboveAndBeside = new ArrayList<>();
    for (List<String> row : ROWS) {
      aboveAndBeside.addAll(row);
      for (String seeing : row) {
        String[] hidden =
            aboveAndBeside.stream()
                .filter(other -> !other.equals(seeing))
                .map(ArchitectureTest::inEngine)
                .toArray(String[]::new);
        cases.add(new Object[] {seeing, hidden});
      }
    }
    return cases.stream();
  }

  @Test
  void everyPackageHasItsPlaceInTheReadingOrder() {
    String[] known =
        ROWS.stream().flatMap(List::stream).map(ArchitectureTest::inEngine).toArray(String[]::new);
    classes()
        .should()
        .resideInAnyPackage(known)
        .because("a package outside of the order escapes the rule of its direction")
        .check(CLASSES);
  }

  @Test
  void rule4AllocatesOffHeapMemoryInTwoPackagesOnly() {
    noClasses()
        .that(not(resideInAnyPackage(inEngine("memory"), inEngine("crypto"))))
        .should()
        .dependOnClassesThat()
        .areAssignableTo(Arena.class)
        .because("off-heap memory has one owner and one closer")
        .check(CLASSES);
  }

  @Test
  void rule5MakesNeitherTimeNorChance() {
    noClasses()
        .should()
        .callMethodWhere(
            target(owner(assignableTo(System.class)))
                .and(target(nameMatching("nanoTime|currentTimeMillis"))))
        .orShould()
        .callMethodWhere(
            target(owner(resideInAPackage("java.time.."))).and(target(nameMatching("now"))))
        .orShould()
        .callMethodWhere(
            target(owner(assignableTo(Thread.class))).and(target(nameMatching("sleep"))))
        .orShould()
        .callMethodWhere(
            target(owner(assignableTo(Math.class))).and(target(nameMatching("random"))))
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(RandomGenerator.class)
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(ScheduledExecutorService.class)
        .orShould()
        .dependOnClassesThat()
        .haveNameMatching("java\\.util\\.Timer|java\\.time\\.Clock|java\\.util\\.UUID")
        .because("tests own time and chance; they come in through ports")
        .check(CLASSES);
    noClasses()
        .that(not(resideInAPackage(ENGINE).or(belongToAnyOf(AgentRunner.class))))
        .should()
        .callMethodWhere(
            target(owner(assignableTo(Thread.class))).and(target(nameMatching("of.*|start.*"))))
        .orShould()
        .callConstructor(Thread.class, Runnable.class)
        .because("the thread is outside of the agent, so that tests step agents by hand")
        .check(CLASSES);
  }

  @Test
  void rule6NeitherFormatsNorLocksNorStreamsOnThePacketPath() {
    noClasses()
        .that(PACKET_PATH)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "java.util.stream..",
            "java.util.concurrent.locks..",
            "java.util.regex..",
            "java.util.logging..",
            "java.text..")
        .orShould()
        .callMethodWhere(
            target(owner(assignableTo(String.class)))
                .and(target(nameMatching("format|formatted|valueOf|split|replace.*"))))
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(StringBuilder.class)
        .because("a packet has a microsecond; what formats or locks takes as much again")
        .check(CLASSES);
    noMethods()
        .that()
        .areDeclaredInClassesThat(PACKET_PATH)
        .should()
        .haveModifier(JavaModifier.SYNCHRONIZED)
        .because("a packet thread waits for the network only")
        .check(CLASSES);
  }

  @Test
  void rule10ReadsTheBytesOfSecretsOnlyWhereTheyAreUsed() {
    noClasses()
        .that(
            not(
                resideInAnyPackage(
                    inEngine("crypto"),
                    inEngine("noise"),
                    inEngine("session"),
                    // Its own secret, from which cookies are made; never a key of the tunnel.
                    inEngine("cookie"))))
        .should()
        .callMethod(SecretKey.class, "bytes")
        .because("who never reads a key's bytes cannot leak them")
        .check(CLASSES);
    noClasses()
        .that(not(resideInAnyPackage(inEngine("crypto"), inEngine("uapi"))))
        .should()
        .callMethod(SecretKey.class, "writeHex", byte[].class, int.class)
        .orShould()
        .callMethod(SecretKey.class, "writeBase64", byte[].class, int.class)
        .because("keys become text only where the protocol of wg asks for it")
        .check(CLASSES);
  }

  @Test
  void writesNothingToTheConsole() {
    noClasses()
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .because("a library has no console; what happened is counted and shown in snapshots")
        .check(CLASSES);
  }

  private static String inEngine(String name) {
    return name.isEmpty() ? ENGINE : ENGINE + "." + name;
  }
}
