import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Map;

/** Runs the snippet, one command a line; see ../support/driver.ts. */
public final class Driver {
  public static void main(String[] arguments) throws Exception {
    AccessTokens tokens = new AccessTokens();
    Map<String, String> last = new HashMap<>();
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] words = line.split(" ");
      try {
        String token = tokens.accessToken(words[1], words[0].equals("rejected") ? last.get(words[1]) : null);
        last.put(words[1], token);
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        System.out.println("token " + String.format("%064x", new BigInteger(1, hash)));
      } catch (RuntimeException error) {
        System.out.println("error " + error.toString().replace("\n", " "));
      }
    }
  }
}
