package cloud.runbeam.wgagent.platform.macos;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.platform.api.OperatingSystem;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.nio.charset.StandardCharsets;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

class MacosPlatformTest {
  @Test
  void isFoundByServiceLoader() {
    assertThat(ServiceLoader.load(PlatformPlugin.class))
        .singleElement()
        .isInstanceOf(MacosPlatform.class)
        .extracting(PlatformPlugin::name)
        .isEqualTo("macos");
  }

  @Test
  void saysThatItIsNotThisSystemOrNotDrivenYet() {
    assertThat(new MacosPlatform(OperatingSystem.LINUX).probe().reasons().getFirst())
        .startsWith("not this system");
    assertThat(new MacosPlatform(OperatingSystem.MACOS).probe().reasons().getFirst())
        .startsWith("this version of wg-agent does not drive macos yet: run wg-agent on Linux");
  }

  @Test
  void isABeanOnItsOwnSystemOnly() throws IOException {
    String imports =
        "META-INF/spring/org.springframework.boot.autoconfigure.AutoConfiguration.imports";
    ClassLoader loader = MacosPlatformTest.class.getClassLoader();
    try (InputStream file = loader.getResourceAsStream(imports)) {
      assertThat(file).isNotNull();
      String text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(text.strip()).isEqualTo(MacosPlatformAutoConfiguration.class.getName());
    }
    try (var context =
        new AnnotationConfigApplicationContext(MacosPlatformAutoConfiguration.class)) {
      boolean here = OperatingSystem.current() == OperatingSystem.MACOS;
      assertThat(context.getBeansOfType(PlatformPlugin.class)).hasSize(here ? 1 : 0);
    }
  }

  @Test
  void staysAloneAndLinksNothing() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "cloud.runbeam.wgagent.platform.linux..",
            "cloud.runbeam.wgagent.platform.windows..",
            "cloud.runbeam.wgagent.app..")
        .orShould()
        .dependOnClassesThat()
        .belongToAnyOf(Linker.class, Arena.class)
        .because("the systems never see each other, and this one calls nothing native yet")
        .check(
            new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages(MacosPlatform.class.getPackageName()));
  }
}
