package cloud.runbeam.wgagent.charts;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.json.JsonMapper;

/** What Helm makes of the chart, each document as a type of Kubernetes where fabric8 has it. */
record RenderedChart(List<Map<String, Object>> documents) {
  static final Path CHART = Path.of("wg-agent");

  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  /**
   * Renders the chart as release {@code demo} in namespace {@code net}.
   *
   * @param values alternately names and values, as for {@code --set}
   */
  static RenderedChart of(String... values) {
    TemplateCommand command = new Helm(CHART).template().withName("demo").withNamespace("net");
    for (int i = 0; i < values.length; i += 2) {
      command.set(values[i], values[i + 1]);
    }
    List<Map<String, Object>> documents = new ArrayList<>();
    for (Object document : new Yaml().loadAll(command.call())) {
      if (document instanceof Map<?, ?> map) {
        @SuppressWarnings("unchecked") // YAML's objects have texts for keys here
        Map<String, Object> object = (Map<String, Object>) map;
        documents.add(object);
      }
    }
    return new RenderedChart(documents);
  }

  List<String> kinds() {
    return documents.stream().map(document -> String.valueOf(document.get("kind"))).toList();
  }

  /** The only object of that type; unknown members fail. */
  <T extends HasMetadata> T only(Class<T> type) {
    List<T> found =
        documents.stream()
            .filter(document -> type.getSimpleName().equals(document.get("kind")))
            .map(document -> MAPPER.convertValue(document, type))
            .toList();
    if (found.size() != 1) {
      throw new AssertionError(found.size() + " of " + type.getSimpleName() + " in " + kinds());
    }
    requireNothingUnknown(type.getSimpleName(), found.getFirst());
    return found.getFirst();
  }

  /** The types keep members that they do not know aside, where nobody would miss them. */
  private static void requireNothingUnknown(String path, @Nullable Object value) {
    switch (value) {
      case null -> {}
      case List<?> list -> list.forEach(element -> requireNothingUnknown(path + "[]", element));
      case Map<?, ?> map ->
          map.forEach((name, element) -> requireNothingUnknown(path + "." + name, element));
      case KubernetesResource resource -> {
        for (Method getter : resource.getClass().getMethods()) {
          if (getter.getName().startsWith("get") && getter.getParameterCount() == 0) {
            Object member = call(getter, resource);
            if (getter.getName().equals("getAdditionalProperties")
                && member instanceof Map<?, ?> unknown
                && !unknown.isEmpty()) {
              throw new AssertionError(path + " has no " + unknown.keySet());
            }
            requireNothingUnknown(path + "." + getter.getName().substring(3), member);
          }
        }
      }
      default -> {}
    }
  }

  private static @Nullable Object call(Method getter, Object on) {
    try {
      return getter.invoke(on);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(getter.toString(), e);
    }
  }
}
