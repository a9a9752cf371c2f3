package cloud.runbeam.wgagent.engine.crypto;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.crypto.KeySearch.Form;
import cloud.runbeam.wgagent.engine.crypto.KeySearch.Sighting;
import cloud.runbeam.wgagent.engine.testkit.TestKeys;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KeySearchTest {
  private final KeyArena arena = TestKeys.arena();
  private final List<SecretKey> keys = new ArrayList<>();

  @AfterEach
  void closeArena() {
    arena.close();
  }

  private byte[] hold(String label) {
    keys.add(TestKeys.secret(arena, label));
    return TestKeys.bytes(label);
  }

  private static byte[] text(String text) {
    return text.getBytes(ISO_8859_1);
  }

  @Test
  void findsAKeyInEveryFormAtAnyPlace() {
    for (int i = 0; i < 300; i++) {
      hold("other " + i);
    }
    byte[] key = hold("mine");
    KeySearch search = arena.newSearch();

    assertThat(search.in(join(text("x "), key, text(" y")))).hasValue(new Sighting(2, Form.RAW));
    assertThat(search.in(key)).hasValue(new Sighting(0, Form.RAW));
    String hex = HexFormat.of().formatHex(key);
    assertThat(search.in(text("private_key=" + hex + "\n"))).hasValue(new Sighting(12, Form.HEX));
    assertThat(search.in(text(hex.toUpperCase(Locale.ROOT)))).hasValue(new Sighting(0, Form.HEX));
    String base64 = Base64.getEncoder().encodeToString(key);
    assertThat(search.in(text("PrivateKey = " + base64))).hasValue(new Sighting(13, Form.BASE64));
    assertThat(search.in(text("a" + base64))).hasValue(new Sighting(1, Form.BASE64));
    String forUrls = Base64.getUrlEncoder().withoutPadding().encodeToString(key);
    assertThat(search.in(text(forUrls))).hasValue(new Sighting(0, Form.BASE64));
  }

  @Test
  void findsEveryOneOfManyKeys() {
    List<byte[]> held = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      held.add(hold("key " + i));
    }
    KeySearch search = arena.newSearch();
    assertThat(held)
        .allSatisfy(key ->
            assertThat(search.in(text(Base64.getEncoder().encodeToString(key)))).isPresent());
  }

  @Test
  void findsNothingWhereNoKeyIs() {
    byte[] key = hold("mine");
    SecretKey closed = TestKeys.secret(arena, "closed");
    closed.close();
    arena.allocate();
    KeySearch search = arena.newSearch();

    assertThat(search.in(new byte[4_096])).as("zeros").isEmpty();
    assertThat(search.in(text("A".repeat(4_096)))).as("zeros in base64").isEmpty();
    assertThat(search.in(TestKeys.bytes("closed"))).as("a key that was wiped").isEmpty();
    assertThat(search.in(text(keys.getFirst().publicKey().toBase64()))).isEmpty();
    String base64 = Base64.getEncoder().encodeToString(key);
    assertThat(search.in(text(base64.substring(0, 42)))).as("cut short").isEmpty();
    byte[] changed = key.clone();
    changed[31] ^= 1;
    assertThat(search.in(changed)).as("one bit off").isEmpty();
    assertThat(search.in(new byte[0])).isEmpty();
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      joined.writeBytes(part);
    }
    return joined.toByteArray();
  }
}
