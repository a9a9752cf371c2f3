package cloud.runbeam.wgagent.client;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The rule of the architecture that concerns the client. */
class ArchitectureTest {
  private static final String CLIENT = "cloud.runbeam.wgagent.client";

  @Test
  void theClientNeedsTheJdkOnly() {
    classes()
        .that()
        .resideInAPackage(CLIENT + "..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(CLIENT + "..", "java..", "org.jspecify..")
        .because("it goes into other people's programs, and starts with every one-shot command")
        .check(
            new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages(CLIENT));
  }
}
