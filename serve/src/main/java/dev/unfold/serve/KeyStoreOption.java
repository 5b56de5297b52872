package dev.unfold.serve;

import dev.unfold.argument.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/// What a server shows that it is who it says, from a key store. The password is in a file: what is typed as an
/// argument others on the machine can read.
final class KeyStoreOption {
  private KeyStoreOption() {}

  /// **Errors**: [Refusal] if the store or its password cannot be used.
  static SSLContext read(Path file, Optional<Path> passwordFile) {
    char[] password = passwordFile.map(KeyStoreOption::password).orElse(new char[0]);
    try {
      KeyStore store = KeyStore.getInstance(file.toFile(), password);
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, password);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context;
    } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
      throw new Refusal(
          "tls", "a key store and its password in --tls-password", file + ": " + e.getMessage(), e);
    }
  }

  private static char[] password(Path file) {
    try {
      return Files.readString(file).strip().toCharArray();
    } catch (IOException e) {
      throw new Refusal("tls-password", "a file with a password", file, e);
    }
  }
}
