import com.google.gson.Gson;
import java.util.HashMap;
import java.util.Map;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.ssm.SsmClient;

/** Reads access tokens that Evertoken keeps fresh. Needs software.amazon.awssdk:secretsmanager, :ssm and gson. */
public final class AccessTokens {
  private static final class Token {
    String access_token;
    String parameter;
    long expires_at;
    long obtained_at;
    transient long readAgainAt;
  }

  private final SecretsManagerClient secrets = SecretsManagerClient.create();
  private final SsmClient parameters = SsmClient.create();
  private final Map<String, Token> cache = new HashMap<>();

  /** The token of a connection. After a 401, pass the token that was rejected; else null. */
  public synchronized String accessToken(String name, String rejected) {
    long now = System.currentTimeMillis() / 1000;
    Token token = cache.get(name);
    if (token == null || token.access_token.equals(rejected) || now >= token.readAgainAt) {
      token = read(name);
      if (token == null || token.access_token == null || token.expires_at <= now) {
        throw new IllegalStateException("no token of " + name + ", or an expired one; see: evertoken status " + name);
      }
      long left = Math.min(60, (token.expires_at - token.obtained_at) / 10);
      token.readAgainAt = Math.min(token.expires_at - left, now + 300);
      cache.put(name, token);
    }
    return token.access_token;
  }

  private Token read(String name) {
    String text = secrets.getSecretValue(request -> request.secretId("evertoken/tokens/" + name)).secretString();
    Token token = new Gson().fromJson(text, Token.class);
    if (token == null || token.access_token != null || token.parameter == null) return token;
    // There a short-lived token lies.
    String parameter = token.parameter;
    text = parameters.getParameter(request -> request.name(parameter).withDecryption(true)).parameter().value();
    return new Gson().fromJson(text, Token.class);
  }
}
