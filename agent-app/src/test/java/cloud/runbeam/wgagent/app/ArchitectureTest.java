package cloud.runbeam.wgagent.app;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.constructors;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** The rules of the architecture that concern the application. */
class ArchitectureTest {
  private static final String APP = "cloud.runbeam.wgagent.app";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("cloud.runbeam.wgagent");

  @Test
  void packagesFormNoCycle() {
    slices()
        .matching(APP + ".(**)")
        .should()
        .beFreeOfCycles()
        .because("a tree without cycles can be read in one order (rule 2)")
        .check(CLASSES);
  }

  @Test
  void theApplicationNamesNoOperatingSystem() {
    noClasses()
        .that()
        .resideInAPackage(APP + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "cloud.runbeam.wgagent.platform.linux..",
            "cloud.runbeam.wgagent.platform.macos..",
            "cloud.runbeam.wgagent.platform.windows..")
        .because("a platform is met at run time only (rule 3)")
        .check(CLASSES);
  }

  @Test
  void tunnelsMakeNoClockTimerOrChance() {
    noClasses()
        .that()
        .resideInAPackage(APP + ".tunnel..")
        .should()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(Thread.class, "sleep", long.class)
        .orShould()
        .dependOnClassesThat()
        .belongToAnyOf(
            Clock.class, Random.class, Executors.class, ExecutorService.class, Thread.class)
        .because("tests own time (rule 5)")
        .check(CLASSES);
  }

  @Test
  void tunnelsKnowNothingOfThoseWhoWatchThem() {
    noClasses()
        .that()
        .resideInAPackage(APP + ".tunnel..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            APP + ".control..",
            APP + ".health..",
            APP + ".metrics..",
            APP + ".cli..",
            "cloud.runbeam.wgagent.client..",
            APP + ".command..",
            APP + ".wiring..",
            "org.springframework..")
        .because("what decides must not depend on what shows (rule 8)")
        .check(CLASSES);
  }

  @Test
  void commandsReachTheAgentOnlyThroughTheClient() {
    noClasses()
        .that()
        .resideInAPackage(APP + ".cli..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            APP + ".control..",
            APP + ".tunnel..",
            APP + ".health..",
            APP + ".metrics..",
            APP + ".wiring..",
            "org.springframework..")
        .because("a command is a process of its own and starts without Spring (rule 8)")
        .check(CLASSES);
  }

  @Test
  void theConsoleReachesTheAgentOnlyThroughTheClient() {
    noClasses()
        .that()
        .resideInAPackage(APP + ".shell..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            APP + ".control..",
            APP + ".tunnel..",
            APP + ".health..",
            APP + ".metrics..",
            APP + ".diagnostics..",
            APP + ".cli..",
            APP + ".wiring..",
            "cloud.runbeam.wgagent.engine..")
        .because("the console is a process of its own (rule 8)")
        .check(CLASSES);
  }

  @Test
  void controlCommandsKnowTheClientAndNothingElseOfTheAgent() {
    classes()
        .that()
        .resideInAPackage(APP + ".command..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            APP + ".command..",
            APP + ".config..",
            "cloud.runbeam.wgagent.client..",
            "java..",
            "org.jspecify..")
        .because("one-shot verbs and the console share them, and the former start at once (rule 8)")
        .check(CLASSES);
  }

  @Test
  void beansAreMadeInOnePlaceAndPackagePrivate() {
    methods()
        .that()
        .areAnnotatedWith(Bean.class)
        .should()
        .bePackagePrivate()
        .andShould()
        .beDeclaredInClassesThat()
        .resideInAnyPackage(APP + ".wiring..", "cloud.runbeam.wgagent.platform..")
        .because("how the parts hang together is read in one file (rule 9)")
        .check(CLASSES);
  }

  @Test
  void nothingIsInjectedIntoFields() {
    fields()
        .should()
        .notBeAnnotatedWith(Autowired.class)
        .andShould()
        .notBeAnnotatedWith(Value.class)
        .because("what an object needs stands in its constructor (rule 9)")
        .check(CLASSES);
    constructors().should().notBeAnnotatedWith(Autowired.class).check(CLASSES);
  }

  @Test
  void configurationTypesAreRecords() {
    classes()
        .that()
        .areAnnotatedWith(ConfigurationProperties.class)
        .should()
        .beRecords()
        .andShould()
        .haveModifier(JavaModifier.FINAL)
        .because("configuration does not change under its readers (rule 9)")
        .check(CLASSES);
  }
}
