import com.google.gson.Gson;
import java.util.HashMap;
import java.util.Map;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/** Reads access tokens that Evertoken keeps fresh. Needs software.amazon.awssdk:secretsmanager and gson. */
public final class AccessTokens {
  private static final class Token {
    String access_token;
    long expires_at;
    transient long readAgainAt;
  }

  private final SecretsManagerClient secrets = SecretsManagerClient.create();
  private final Map<String, Token> cache = new HashMap<>();

  /** The token of a connection. After a 401, pass the token that was rejected; else null. */
  public synchronized String accessToken(String name, String rejected) {
    long now = System.currentTimeMillis() / 1000;
    Token token = cache.get(name);
    if (token == null || token.access_token.equals(rejected) || now >= token.readAgainAt) {
      String text = secrets.getSecretValue(request -> request.secretId("evertoken/tokens/" + name)).secretString();
      token = new Gson().fromJson(text, Token.class);
      if (token == null || token.access_token == null || token.expires_at <= now) {
        throw new IllegalStateException("no token of " + name + ", or an expired one; see: evertoken status " + name);
      }
      token.readAgainAt = Math.min(token.expires_at - 60, now + 300);
      cache.put(name, token);
    }
    return token.access_token;
  }
}
