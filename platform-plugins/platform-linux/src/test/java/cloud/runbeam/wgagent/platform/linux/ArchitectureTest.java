package cloud.runbeam.wgagent.platform.linux;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final String MODULE = "cloud.runbeam.wgagent.platform.linux";

  private final JavaClasses classes =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(MODULE);

  @Test
  void linksNativeCodeInOnePlace() {
    noClasses()
        .that()
        .resideOutsideOfPackage("..ffi..")
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(Linker.class, SymbolLookup.class)
        .because("what is called is declared once, and probed there")
        .check(classes);
  }

  @Test
  void ownsNativeMemoryInFewPlaces() {
    noClasses()
        .that()
        .resideOutsideOfPackage("..ffi..")
        .and()
        .doNotHaveSimpleName("MessageSlots")
        .should()
        .dependOnClassesThat()
        .areAssignableTo(Arena.class)
        .because("off-heap memory has one closer; that of a socket's messages is the socket")
        .check(classes);
  }

  @Test
  void knowsNothingOfOtherSystemsOrTheApplication() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "cloud.runbeam.wgagent.platform.macos..",
            "cloud.runbeam.wgagent.platform.windows..",
            "cloud.runbeam.wgagent.app..")
        .because("a plugin is met through platform-api only")
        .check(classes);
  }

  @Test
  void usesOnlyThePortsOfTheEngine() {
    noClasses()
        .should()
        .dependOnClassesThat(
            DescribedPredicate.describe(
                "are of the engine, but neither ports, memory nor prefixes",
                type ->
                    type.getPackageName().startsWith("cloud.runbeam.wgagent.engine")
                        && !type.getPackageName().endsWith("engine.io")
                        && !type.getPackageName().endsWith("engine.memory")
                        && !type.getSimpleName().equals("IpPrefix")))
        .because("the plugin must not know how WireGuard works")
        .check(classes);
  }

  @Test
  void hasNoPackageCycles() {
    slices()
        .matching(MODULE + ".(*)..")
        .should()
        .beFreeOfCycles()
        .because("each duty can be read on its own")
        .check(classes);
  }

  @Test
  void keepsSpringAtTheEdge() {
    noClasses()
        .that()
        .haveSimpleNameNotEndingWith("AutoConfiguration")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.springframework..")
        .because("verbs without a context load the plugin without Spring")
        .check(classes);
  }
}
